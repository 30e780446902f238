# What `cmake --install` puts where. Everything finds its parts from where it stands, so the
# installed tree can be moved: run paths from $ORIGIN, mien.pc from ${pcfiledir}, and mien's
# data from the place of the library or command (tests/install checks it). What a build did not
# make (man pages, where only the command was asked for) is left out.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/mien)
set(bundle_dir ${CMAKE_INSTALL_LIBDIR}/mien)

target_include_directories(mien INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
if(MIEN_DNNL_BUNDLED)
  file(RELATIVE_PATH from_bin /${CMAKE_INSTALL_BINDIR} /${bundle_dir})
  file(REAL_PATH ${MIEN_DNNL_LIBRARY} dnnl_file)
  install(FILES ${dnnl_file} DESTINATION ${bundle_dir} RENAME libdnnl.so.3)
  install(FILES ${MIEN_DEPS}/onednn/LICENSE.txt DESTINATION ${CMAKE_INSTALL_DOCDIR}
    RENAME LICENSE.oneDNN OPTIONAL)
endif()

install(TARGETS mien EXPORT mienTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS mien_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# Run paths. An empty element of one means the current folder, whose libraries would be loaded;
# CMake ends each run path that it will change in one, so that the change is made here instead.
# The run path in the build is as long as the installed one, by naming its folder again.
function(mien_run_path target directory installed)
  get_filename_component(folder ${MIEN_DNNL_LIBRARY} DIRECTORY)
  set(built ${folder})
  string(LENGTH "${installed}" wanted)
  string(LENGTH "${built}" length)
  while(length LESS wanted)
    string(APPEND built ":${folder}")
    string(LENGTH "${built}" length)
  endwhile()
  set_target_properties(${target} PROPERTIES INSTALL_RPATH "${built}")
  string(REPLACE "$" "\\$" installed "${installed}")
  install(CODE "file(RPATH_CHANGE
    FILE \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${directory}/$<TARGET_FILE_NAME:${target}>\"
    OLD_RPATH \"${built}\" NEW_RPATH \"${installed}\")")
endfunction()
set_target_properties(mien mien_cli PROPERTIES BUILD_WITH_INSTALL_RPATH ON)
if(MIEN_DNNL_BUNDLED)
  mien_run_path(mien ${CMAKE_INSTALL_LIBDIR} "$ORIGIN/mien")
  mien_run_path(mien_cli ${CMAKE_INSTALL_BINDIR} "$ORIGIN/${from_bin}")
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/mien DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/share/mien DESTINATION ${CMAKE_INSTALL_DATADIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# pkg-config
file(RELATIVE_PATH prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" prefix_from_pc "${prefix_from_pc}")
configure_file(${PROJECT_SOURCE_DIR}/cmake/mien.pc.in mien.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mien.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# find_package(mien)
install(EXPORT mienTargets NAMESPACE mien:: DESTINATION ${package_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/mienConfig.cmake.in mienConfig.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(mienConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mienConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/mienConfigVersion.cmake DESTINATION ${package_dir})

# man pages and bash completion come out of the command's own tables
if(EXISTS ${PROJECT_SOURCE_DIR}/src/cli/commands.def)
  file(STRINGS ${PROJECT_SOURCE_DIR}/src/cli/commands.def rows REGEX "^X\\(")
  list(TRANSFORM rows REPLACE "^X\\(([a-z0-9_]+)\\).*" "\\1")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/src/cli/commands.def)
  set(pages)
  set(made COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/man)
  foreach(command "" ${rows})
    if(command)
      set(page ${CMAKE_BINARY_DIR}/man/mien-${command}.1)
    else()
      set(page ${CMAKE_BINARY_DIR}/man/mien.1)
    endif()
    list(APPEND pages ${page})
    list(APPEND made COMMAND mien_cli help --man ${command} > ${page})
  endforeach()
  set(completion ${CMAKE_BINARY_DIR}/man/mien.bash)
  list(APPEND made COMMAND mien_cli completion bash > ${completion})
  add_custom_command(OUTPUT ${pages} ${completion} ${made} DEPENDS mien_cli VERBATIM)
  add_custom_target(manual ALL DEPENDS ${pages} ${completion})
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 OPTIONAL)
  install(FILES ${completion} RENAME mien
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions OPTIONAL)
endif()
