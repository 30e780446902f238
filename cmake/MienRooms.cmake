# Rooms: each is an object library of its src/ folder that sees the headers of the rooms
# tools/layers.txt allows it. A new file needs no line here; a table row X(name) in
# of a TABLEs.def asks for TABLE_name.c in the same folder, which tests/repo checks. A room may have
# folders; each has a table or a header of its own, else it is only a longer path.

add_library(mien_flags INTERFACE)
target_compile_options(mien_flags INTERFACE -Wall -Wextra -Wshadow -Wpointer-arith
  -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wvla -Wundef
  -fno-math-errno -ffp-contract=off
  # gcc cannot see that mien_fail() never returns MIEN_OK; the sanitizers watch instead
  $<$<C_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  # each gcc guesses otherwise which snprintf() may cut; cutting is defined, and meant
  $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation>)
target_compile_definitions(mien_flags INTERFACE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE
  MIEN_DATA_DIRECTORY="${CMAKE_INSTALL_FULL_DATADIR}/mien")
target_include_directories(mien_flags INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> ${PROJECT_SOURCE_DIR}/src)
if(MIEN_WERROR)
  target_compile_options(mien_flags INTERFACE -Werror)
endif()
if(MIEN_SANITIZE)
  target_compile_options(mien_flags INTERFACE -fsanitize=${MIEN_SANITIZE}
    -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(mien_flags INTERFACE -fsanitize=${MIEN_SANITIZE})
endif()

# Release builds are hardened: a broken stack frame or an overrun of a buffer whose size is known
# ends the process, and no table of addresses can be written to once it has started.
if(NOT MIEN_SANITIZE)
  set(optimised $<CONFIG:Release,RelWithDebInfo,MinSizeRel>)
  target_compile_options(mien_flags INTERFACE -fstack-protector-strong
    "$<${optimised}:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>")
  target_link_options(mien_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
include(CheckPIESupported)
check_pie_supported(LANGUAGES C) # POSITION_INDEPENDENT_CODE then links programs with -pie

# mien_below(ROOM OUT): the rooms whose code a room needs, itself first
file(STRINGS ${PROJECT_SOURCE_DIR}/tools/layers.txt mien_layers REGEX "^[a-z]+:")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${PROJECT_SOURCE_DIR}/tools/layers.txt)
function(mien_below room out)
  set(result ${room})
  foreach(line IN LISTS mien_layers)
    if(line MATCHES "^${room}:(.*)$")
      separate_arguments(below UNIX_COMMAND "${CMAKE_MATCH_1}")
      list(APPEND result ${below})
    endif()
  endforeach()
  set(${out} ${result} PARENT_SCOPE)
endfunction()

function(mien_room room)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${room}/*.c)
  set_property(GLOBAL APPEND PROPERTY MIEN_ROOMS ${room})
  set_property(GLOBAL PROPERTY MIEN_LIBS_${room} ${ARGN})
  if(NOT sources)
    return()
  endif()
  add_library(mien_${room} OBJECT ${sources})
  target_link_libraries(mien_${room} PRIVATE mien_flags ${ARGN})
endfunction()

# mien_wire(ROOM NAME): src/ROOM/NAME.proto as NAME.pb-c.h and NAME.pb-c.c, which protoc-c makes
# anew with every build folder; its warnings are not ours
function(mien_wire room name)
  set(folder ${CMAKE_BINARY_DIR}/wire)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(OUTPUT ${folder}/${name}.pb-c.c ${folder}/${name}.pb-c.h
    COMMAND ${MIEN_PROTOC_C} --c_out=${folder} --proto_path=${PROJECT_SOURCE_DIR}/src/${room}
      ${PROJECT_SOURCE_DIR}/src/${room}/${name}.proto
    DEPENDS ${PROJECT_SOURCE_DIR}/src/${room}/${name}.proto VERBATIM)
  set_source_files_properties(${folder}/${name}.pb-c.c PROPERTIES COMPILE_OPTIONS -w)
  target_sources(mien_${room} PRIVATE ${folder}/${name}.pb-c.c ${folder}/${name}.pb-c.h)
  target_include_directories(mien_${room} SYSTEM PRIVATE ${folder})
endfunction()

# mien_link(TARGET ROOM...): objects of these rooms and of all they stand on, with libraries
function(mien_link target)
  set(all)
  set(open ${ARGN})
  while(open)
    list(POP_FRONT open room)
    if(room IN_LIST all)
      continue()
    endif()
    list(APPEND all ${room})
    mien_below(${room} below)
    list(APPEND open ${below})
  endwhile()
  foreach(room IN LISTS all)
    if(TARGET mien_${room})
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:mien_${room}>)
    endif()
    get_property(libs GLOBAL PROPERTY MIEN_LIBS_${room})
    target_link_libraries(${target} PRIVATE ${libs})
  endforeach()
endfunction()

function(mien_library)
  get_property(rooms GLOBAL PROPERTY MIEN_ROOMS)
  add_library(mien SHARED)
  mien_link(mien ${rooms})
  target_link_libraries(mien PRIVATE mien_flags)
  set_target_properties(mien PROPERTIES LINKER_LANGUAGE C VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR} EXPORT_NAME mien)
  # nodelete: FFmpeg, which stays loaded, calls back into it
  target_link_options(mien PRIVATE -Wl,--no-undefined -Wl,--as-needed -Wl,-z,nodelete)
endfunction()

function(mien_command)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/cli/*.c)
  get_property(rooms GLOBAL PROPERTY MIEN_ROOMS)
  add_executable(mien_cli ${sources})
  mien_link(mien_cli ${rooms})
  target_link_libraries(mien_cli PRIVATE mien_flags)
  set_target_properties(mien_cli PROPERTIES OUTPUT_NAME mien LINKER_LANGUAGE C
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  target_link_options(mien_cli PRIVATE -Wl,--as-needed)
  # what is built finds the models as what is installed does, wherever the build folder lies
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/share)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/share/mien ${CMAKE_BINARY_DIR}/share/mien SYMBOLIC)
endfunction()
