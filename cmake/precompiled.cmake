# Headers that most files include, parsed once for each preset rather than once for each file. The gcc preset compiles
# without, so a file that relies on them without including them fails there.
option(ATELIER_PRECOMPILE "Parse common headers once" ON)

set(ATELIER_COMMON_HEADERS
    <nlohmann/json.hpp> <algorithm> <chrono> <functional> <map> <memory> <optional> <set> <string> <string_view>
    <variant> <vector>)

# atelier_precompiled(NAME HEADERS headers... LIBRARIES targets...): what the others reuse has to be compiled once.
function(atelier_precompiled name)
  cmake_parse_arguments(COMMON "" "" "HEADERS;LIBRARIES" ${ARGN})
  if(NOT ATELIER_PRECOMPILE)
    return()
  endif()
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp "")
  add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  target_link_libraries(${name} PRIVATE ${COMMON_LIBRARIES})
  target_precompile_headers(${name} PRIVATE ${COMMON_HEADERS})
  set_target_properties(${name} PROPERTIES CXX_COMPILER_LAUNCHER ${PROJECT_SOURCE_DIR}/cmake/precompile)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")  # ccache tells by content
  endif()
endfunction()

function(atelier_use_precompiled target name)
  if(TARGET ${name})
    target_precompile_headers(${target} REUSE_FROM ${name})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
      target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    endif()
  endif()
endfunction()
