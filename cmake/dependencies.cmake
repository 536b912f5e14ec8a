# Every third-party library Souk uses, found once. Modules name them in LIBS or PRIVATE_LIBS.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_library(SOUK_CAF_CORE caf_core REQUIRED)
find_package(RocksDB REQUIRED)
find_package(simdjson REQUIRED)
find_package(spdlog REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc i18n)
find_package(prometheus-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_library(SOUK_JEMALLOC jemalloc REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(qrencode REQUIRED IMPORTED_TARGET libqrencode)
pkg_check_modules(rdkafka REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(zip REQUIRED IMPORTED_TARGET libzip)

# Many small allocations cross threads: a fifth less CPU a request than with the C library's allocator. The sanitizers
# bring their own. For the program, and for the benchmarks that speak for it.
function(souk_use_jemalloc program)
  if(NOT SOUK_SANITIZE)
    target_link_options(${program} PRIVATE -Wl,--no-as-needed ${SOUK_JEMALLOC} -Wl,--as-needed)
  endif()
endfunction()
