# troupe_folder(NAME DEPENDS folder... LIBRARIES target...)
#
# One static library per top-level folder. A folder sees the headers of those
# folders it names and of no others: each exports an include directory that
# holds nothing but a link to itself, so an include that climbs against the
# design's arrows does not compile. APART names subfolders that are libraries of
# their own (net/upstream).
function(troupe_folder NAME)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES;APART" ${ARGN})
  file(GLOB_RECURSE SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(FILTER SOURCES EXCLUDE REGEX "/main/main\\.cpp$")
  foreach(SUBFOLDER IN LISTS ARG_APART)
    list(FILTER SOURCES EXCLUDE REGEX "^${CMAKE_CURRENT_SOURCE_DIR}/${SUBFOLDER}/")
  endforeach()
  add_library(troupe_${NAME} STATIC ${SOURCES})
  set(STAGE ${PROJECT_BINARY_DIR}/include/${NAME})
  file(RELATIVE_PATH FOLDER ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  cmake_path(GET FOLDER PARENT_PATH PARENT)
  file(MAKE_DIRECTORY ${STAGE}/${PARENT})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${STAGE}/${FOLDER} SYMBOLIC)
  target_include_directories(troupe_${NAME} PUBLIC ${STAGE})
  foreach(DEPENDENCY IN LISTS ARG_DEPENDS)
    target_link_libraries(troupe_${NAME} PUBLIC troupe_${DEPENDENCY})
  endforeach()
  target_link_libraries(troupe_${NAME} PUBLIC ${ARG_LIBRARIES} PRIVATE troupe_options)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/pch.hpp)
    target_precompile_headers(troupe_${NAME} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/pch.hpp)
  endif()
endfunction()

# troupe_test(NAME LIBRARIES target...): one Catch2 program of every *_test.cpp
# below the current folder, registered with CTest as NAME.
function(troupe_test NAME)
  cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
  file(GLOB_RECURSE SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT SOURCES)
    return()
  endif()
  add_executable(test_${NAME} ${SOURCES})
  target_link_libraries(test_${NAME} PRIVATE ${ARG_LIBRARIES} troupe_test_support troupe_options)
  # What is tested is optimised; optimising the tests would only take time.
  target_compile_options(test_${NAME} PRIVATE -O1)
  add_test(NAME ${NAME} COMMAND test_${NAME})
endfunction()
