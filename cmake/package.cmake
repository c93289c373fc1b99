# atelier_package(NAME LAYERS layers...): `cmake --install` puts these layers and their public headers where find_package
# finds them as NAME, with targets atelier::LAYER. What they link, NAME-config.cmake finds.
include(CMakePackageConfigHelpers)

function(atelier_package name)
  cmake_parse_arguments(PACKAGE "" "" "LAYERS" ${ARGN})
  set(folder lib/cmake/${name})
  foreach(layer ${PACKAGE_LAYERS})
    set_target_properties(atelier_${layer} PROPERTIES EXPORT_NAME ${layer})
    target_compile_features(atelier_${layer} PUBLIC cxx_std_20)
    install(TARGETS atelier_${layer} EXPORT ${name} ARCHIVE DESTINATION lib)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/atelier/${layer} DESTINATION include/atelier)
  endforeach()
  install(EXPORT ${name} NAMESPACE atelier:: DESTINATION ${folder} FILE ${name}-targets.cmake)
  # Before 1.0 each minor version may change the headers.
  write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/${name}-config-version.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_SOURCE_DIR}/cmake/${name}-config.cmake
                ${CMAKE_CURRENT_BINARY_DIR}/${name}-config-version.cmake DESTINATION ${folder})
endfunction()
