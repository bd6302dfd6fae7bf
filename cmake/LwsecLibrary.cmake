# How every library of lwsec is built: once as objects, then as a shared and a static library.

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# Programs and libraries stand together at the top of the build folder: build/release/lwsec.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})

# Flags for our own code only; nothing of it is exported to users.
add_library(lwsec_flags INTERFACE)
target_compile_options(lwsec_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes
  $<$<BOOL:${LWSEC_WERROR}>:-Werror>)
target_include_directories(lwsec_flags INTERFACE
  ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR})
if(LWSEC_DEBUG_TOOLS)
  target_compile_definitions(lwsec_flags INTERFACE LWSEC_DEBUG_TOOLS)
endif()
if(LWSEC_SANITIZE)
  target_compile_options(lwsec_flags INTERFACE
    -fsanitize=${LWSEC_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LWSEC_SANITIZE})
endif()

# lwsec_library(NAME [LIBRARIES ...] [DEPENDS ...])
#
# NAME: lwsec, or lwsec-ENGINE. Folders add their files by target_sources(NAME-objects PRIVATE ...).
# LIBRARIES: what it links from outside. DEPENDS: other libraries of lwsec.
function(lwsec_library name)
  cmake_parse_arguments(arg "" "" "LIBRARIES;DEPENDS" ${ARGN})
  add_library(${name}-objects OBJECT)
  target_link_libraries(${name}-objects PRIVATE lwsec_flags ${arg_LIBRARIES})

  add_library(${name} SHARED $<TARGET_OBJECTS:${name}-objects>)
  add_library(${name}-static STATIC $<TARGET_OBJECTS:${name}-objects>)
  set_target_properties(${name} PROPERTIES
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
    LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/${name}.map
    EXPORT_NAME ${name})
  set_target_properties(${name}-static PROPERTIES OUTPUT_NAME ${name} EXPORT_NAME ${name}-static)
  # The export list: what is not in it does not leave the library.
  target_link_options(${name} PRIVATE
    -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/${name}.map -Wl,--as-needed)
  if(NOT LWSEC_SANITIZE) # clang leaves a sanitizer's own symbols to the program
    target_link_options(${name} PRIVATE -Wl,--no-undefined)
  endif()
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} PUBLIC ${arg_DEPENDS})
  list(TRANSFORM arg_DEPENDS APPEND -static OUTPUT_VARIABLE static_depends)
  target_link_libraries(${name}-static PUBLIC ${static_depends})
  # Installed, a static library names what it needs by a target that the package file makes: a user
  # may find the engine in another way than we did.
  foreach(library ${arg_LIBRARIES})
    target_link_libraries(${name}-static PRIVATE $<BUILD_INTERFACE:${library}>)
  endforeach()
  if(arg_LIBRARIES)
    target_link_libraries(${name}-static PRIVATE $<INSTALL_INTERFACE:lwsec::${name}-engine>)
  endif()
  foreach(target ${name} ${name}-static)
    add_library(lwsec::${target} ALIAS ${target})
    target_include_directories(${target} PUBLIC
      $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  endforeach()
  set_property(GLOBAL APPEND PROPERTY LWSEC_LIBRARIES ${name})
endfunction()
