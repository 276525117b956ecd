# Every library we use, found once. A missing one is named with the Debian package that has it.
# A macro, because packages set variables that later calls need.
macro(chatflow_find package debian_package)
    find_package(${package} ${ARGN} QUIET)
    if(NOT ${package}_FOUND)
        message(FATAL_ERROR "${package} is missing: apt-get install ${debian_package}, or use hack/dev")
    endif()
endmacro()

chatflow_find(Threads libc6-dev)
chatflow_find(OpenSSL libssl-dev)
chatflow_find(ZLIB zlib1g-dev)
chatflow_find(Boost libboost-dev 1.83)
chatflow_find(cpprestsdk libcpprest-dev)
chatflow_find(nlohmann_json nlohmann-json3-dev)
chatflow_find(yaml-cpp libyaml-cpp-dev)
chatflow_find(prometheus-cpp prometheus-cpp-dev)
chatflow_find(fmt libfmt-dev)
chatflow_find(CLI11 libcli11-dev)
chatflow_find(PkgConfig pkg-config)
pkg_check_modules(pq REQUIRED IMPORTED_TARGET libpq)          # Debian: libpq-dev
pkg_check_modules(pqxx REQUIRED IMPORTED_TARGET libpqxx)    # Debian: libpqxx-dev
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis hiredis_ssl)  # Debian: libhiredis-dev
if(BUILD_TESTING OR NOT DEFINED BUILD_TESTING)
    chatflow_find(GTest libgtest-dev)
    chatflow_find(benchmark libbenchmark-dev)
endif()

# Asio and Beast are compiled once (libs/async/asio.cpp, libs/http/beast.cpp), not in each source.
# Not BOOST_ASIO_NO_DEPRECATED: it changes return types, and cpprestsdk's library, built without it,
# calls our copies of the same symbols.
add_library(chatflow_asio INTERFACE)
target_compile_definitions(chatflow_asio INTERFACE
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION)
target_link_libraries(chatflow_asio INTERFACE Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)

# CLI11 likewise.
add_library(chatflow_cli11 STATIC ${PROJECT_SOURCE_DIR}/cmake/cli11.cpp)
target_compile_definitions(chatflow_cli11 PUBLIC CLI11_COMPILE)
target_link_libraries(chatflow_cli11 PUBLIC CLI11::CLI11)
