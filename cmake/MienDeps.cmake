# Every outside library, as a target mien::NAME. What each is for: README.md.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS C)
find_package(PkgConfig REQUIRED)

function(mien_dep name)
  pkg_check_modules(dep_${name} REQUIRED IMPORTED_TARGET GLOBAL ${ARGN})
  add_library(mien_dep_${name} INTERFACE)
  target_link_libraries(mien_dep_${name} INTERFACE PkgConfig::dep_${name})
  add_library(mien::${name} ALIAS mien_dep_${name})
endfunction()

mien_dep(fyaml libfyaml)
mien_dep(jansson jansson)
mien_dep(zip libzip)
mien_dep(zlib zlib)
mien_dep(nettle nettle)
mien_dep(protobuf libprotobuf-c)
find_program(MIEN_PROTOC_C protoc-c REQUIRED)
mien_dep(jpeg libjpeg)
mien_dep(spng spng)
mien_dep(ffmpeg libavformat libavcodec libavutil libswscale libswresample)

# Loaded when first needed (src/base/library.h): HDF5 and libtiff with such a file, libavutil alone
# with a Fourier transform, libcurl with a download, SQLite with a search, LAPACK with a system of equations; by the name
# their headers belong to, which MIEN_NAME_SONAME says.
# Debian's serial build of HDF5 is libhdf5_serial, found as hdf5-serial.
function(mien_loaded_dep name module)
  mien_dep(${name} ${module})
  get_target_property(loaded PkgConfig::dep_${name} INTERFACE_LINK_LIBRARIES)
  list(FILTER loaded INCLUDE REGEX "${name}")
  file(REAL_PATH ${loaded} loaded)
  string(REGEX MATCH "[^/]+\\.so\\.[0-9]+" soname ${loaded})
  string(TOUPPER ${name} upper)
  target_compile_definitions(mien_dep_${name} INTERFACE MIEN_${upper}_SONAME="${soname}")
endfunction()
mien_loaded_dep(hdf5 hdf5-serial)
mien_loaded_dep(tiff libtiff-4)
mien_loaded_dep(avutil libavutil)
mien_loaded_dep(curl libcurl)
mien_loaded_dep(sqlite3 sqlite3)
mien_loaded_dep(lapacke lapacke)

# XGBoost grows trees (src/train/trainers/booster.c), loaded when a study asks for them. A build
# without its header trains no trees and says so; it runs models that hold them.
option(MIEN_XGBOOST "Grow trees by libxgboost, if its header is there" ON)
if(MIEN_XGBOOST)
  pkg_check_modules(dep_xgboost QUIET IMPORTED_TARGET GLOBAL xgboost)
endif()
if(MIEN_XGBOOST AND dep_xgboost_FOUND)
  mien_dep(xgboost xgboost)
  find_library(MIEN_XGBOOST_LIBRARY xgboost REQUIRED)
  # its file's version is not the one it is loaded by
  execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${MIEN_XGBOOST_LIBRARY}
    OUTPUT_VARIABLE about COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "SONAME +([^ \n]+)" about "${about}")
  target_compile_definitions(mien_dep_xgboost INTERFACE
    MIEN_XGBOOST_SONAME="${CMAKE_MATCH_1}")
else()
  message(STATUS "XGBoost is not used: studies of trees are refused")
  add_library(mien_dep_xgboost INTERFACE)
  add_library(mien::xgboost ALIAS mien_dep_xgboost)
endif()

# Several processes that do one piece of work (src/base/wire.c): loaded in a process that mpirun
# started, and in no other.
option(MIEN_MPI "Deal jobs over the processes of mpirun, by OpenMPI" OFF)
if(MIEN_MPI)
  mien_loaded_dep(mpi ompi-c)
else()
  add_library(mien_dep_mpi INTERFACE)
  add_library(mien::mpi ALIAS mien_dep_mpi)
endif()

# oneDNN >= 3: the system's (Debian 13: 3.7, OpenMP of gomp as in the wheels), else what
# ./run setup took out of wheels into .deps/onednn. Its sources may use only what 3.2 has.
find_package(dnnl 3.2 CONFIG QUIET)
if(dnnl_FOUND)
  if(NOT DNNL_CPU_THREADING_RUNTIME STREQUAL "OMP")
    message(WARNING "oneDNN here is built for ${DNNL_CPU_THREADING_RUNTIME}, not OpenMP: "
      "--threads will not reach it")
  endif()
  set(MIEN_DNNL_BUNDLED OFF)
else()
  find_path(MIEN_DNNL_INCLUDE oneapi/dnnl/dnnl.h PATHS ${MIEN_DEPS}/onednn/include
    NO_DEFAULT_PATH REQUIRED)
  find_library(MIEN_DNNL_LIBRARY dnnl PATHS ${MIEN_DEPS}/onednn/lib NO_DEFAULT_PATH REQUIRED)
  add_library(DNNL::dnnl SHARED IMPORTED)
  set_target_properties(DNNL::dnnl PROPERTIES
    IMPORTED_LOCATION ${MIEN_DNNL_LIBRARY} IMPORTED_SONAME libdnnl.so.3
    INTERFACE_INCLUDE_DIRECTORIES ${MIEN_DNNL_INCLUDE})
  set(MIEN_DNNL_BUNDLED ON)
endif()
add_library(mien_dep_dnnl INTERFACE)
target_link_libraries(mien_dep_dnnl INTERFACE DNNL::dnnl)
add_library(mien::dnnl ALIAS mien_dep_dnnl)
