# souk_module(NAME [DEPS module...] [LIBS library...] [PRIVATE_LIBS library...])
#
# Builds the folder NAME as a static library from all its .cpp files, its x_test.cpp files as the program
# NAME_test, and what lies in its testing/ folders as a library NAME_testing for tests only (TEST_DEPS of
# other modules may name it). main.cpp is left to the folder's own CMakeLists.txt. Headers are included as "NAME/x.hpp" and are found only by targets that link the
# module: each module's include root is a folder of its own that holds one link to the sources.
function(souk_module name)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS;PRIVATE_LIBS;TEST_DEPS" ${ARGN})

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  set(testing ${sources})
  list(FILTER sources EXCLUDE REGEX "/testing/")
  list(FILTER testing INCLUDE REGEX "/testing/")

  # One place for all presets, so that the compiler cache sees the same paths from each of them.
  set(include_root ${CMAKE_SOURCE_DIR}/build/include/${name})
  file(MAKE_DIRECTORY ${include_root})
  if(NOT EXISTS ${include_root}/${name})
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${include_root}/${name} SYMBOLIC)
  endif()

  set(module_deps ${ARG_DEPS})
  list(TRANSFORM module_deps PREPEND souk_)
  if(sources)
    add_library(souk_${name} STATIC ${sources})
    target_include_directories(souk_${name} PUBLIC ${include_root})
    target_link_libraries(souk_${name} PUBLIC ${module_deps} ${ARG_LIBS} PRIVATE ${ARG_PRIVATE_LIBS})
  else()
    add_library(souk_${name} INTERFACE)
    target_include_directories(souk_${name} INTERFACE ${include_root})
    target_link_libraries(souk_${name} INTERFACE ${module_deps} ${ARG_LIBS})
  endif()

  set(test_deps ${ARG_TEST_DEPS})
  list(TRANSFORM test_deps PREPEND souk_)
  if(testing)
    add_library(souk_${name}_testing STATIC ${testing})
    target_link_libraries(souk_${name}_testing PUBLIC souk_${name} ${test_deps} PRIVATE ${ARG_PRIVATE_LIBS})
    list(APPEND test_deps souk_${name}_testing)
  endif()

  if(tests)
    add_executable(${name}_test ${tests} ${CMAKE_SOURCE_DIR}/cmake/doctest_main.cpp)
    target_link_libraries(${name}_test PRIVATE souk_${name} ${test_deps} ${ARG_PRIVATE_LIBS})
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 300)
  endif()
endfunction()
