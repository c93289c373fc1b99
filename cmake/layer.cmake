# atelier_layer(NAME SOURCES files... [USES layers...] [LIBRARIES targets...])
#
# One folder, one static library, only declared dependencies. tools/layers.py reads USES from the calls of this
# function and fails on an include that is not declared, so the graph here is the graph of the code.
function(atelier_layer name)
  cmake_parse_arguments(LAYER "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  add_library(atelier_${name} STATIC ${LAYER_SOURCES})
  add_library(atelier::${name} ALIAS atelier_${name})
  target_include_directories(atelier_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
    $<INSTALL_INTERFACE:include>)
  list(TRANSFORM LAYER_USES PREPEND atelier_)
  target_link_libraries(atelier_${name} PUBLIC ${LAYER_USES} ${LAYER_LIBRARIES})
  atelier_use_precompiled(atelier_${name} common_headers)
endfunction()

# atelier_test(NAME SOURCES files... LIBRARIES targets...): a GoogleTest program of one layer, known to ctest by
# its label: unit, scenarios, sim or integration. The target tests_LABEL is all that have it.
function(atelier_test name)
  cmake_parse_arguments(TEST "" "LABEL" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${TEST_LIBRARIES} source_dir GTest::gmock GTest::gtest_main)
  atelier_use_precompiled(${name} common_test_headers)
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=0)
  set_tests_properties(${name} PROPERTIES LABELS "${TEST_LABEL}")
  if(NOT TARGET tests_${TEST_LABEL})
    add_custom_target(tests_${TEST_LABEL})
  endif()
  add_dependencies(tests_${TEST_LABEL} ${name})
endfunction()
