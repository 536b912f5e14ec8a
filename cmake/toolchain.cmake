# Warnings, sanitizers, compiler cache and linker, the same for every module.

option(SOUK_WERROR "treat warnings as errors" ON)
set(SOUK_SANITIZE "" CACHE STRING "sanitizers to build with: address,undefined or thread")

# Assertions guard against our own bugs and stay on in every build, so no preset defines NDEBUG.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor)
if(SOUK_WERROR)
  add_compile_options(-Werror)
endif()
if(SOUK_SANITIZE)
  add_compile_options(-fsanitize=${SOUK_SANITIZE} -fno-omit-frame-pointer)
  # gcc 12 sees uninitialised variants and optionals in instrumented code where there are none.
  add_compile_options(-Wno-maybe-uninitialized)
  add_link_options(-fsanitize=${SOUK_SANITIZE})
  if(SOUK_SANITIZE STREQUAL "thread")
    # gcc refuses fences, which ThreadSanitizer does not see; Asio orders by its locks as well.
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
endif()

find_program(SOUK_CCACHE ccache)
if(SOUK_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SOUK_CCACHE})
endif()
find_program(SOUK_MOLD mold)
if(SOUK_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
