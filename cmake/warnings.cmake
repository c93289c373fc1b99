# Flags that every target of the project is compiled with. Libraries come in as SYSTEM and keep their own.
add_compile_options(-Wall -Wextra -Wshadow -Wconversion -Wpedantic -Werror)
# The same __FILE__ and debug paths in every build folder: ccache hits across them, builds are reproducible.
add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)

find_program(ATELIER_CCACHE ccache)
if(ATELIER_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PROJECT_SOURCE_DIR}/cmake/compile ${PROJECT_SOURCE_DIR})
endif()
find_program(ATELIER_MOLD mold)
if(ATELIER_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

if(ATELIER_SANITIZE STREQUAL "address" OR ATELIER_SANITIZE STREQUAL "fuzzer")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
  # libFuzzer sees what runs; its main comes with atelier_fuzzer()
  add_compile_options(-fsanitize=fuzzer-no-link,float-cast-overflow -fno-sanitize-recover=float-cast-overflow)
  add_link_options(-fsanitize=fuzzer-no-link,float-cast-overflow)
  # Asio keeps freed coroutine frames for reuse, which hides a use after free from the sanitizer.
  add_compile_definitions(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
elseif(ATELIER_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
  # GCC's TSan does not support atomic_thread_fence.
  add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
