// Asio, compiled once for the whole program (BOOST_ASIO_SEPARATE_COMPILATION).
//
// cpprestsdk's shared library takes these definitions instead of its own, as the program's come
// first: both have to be compiled with the same options, so without BOOST_ASIO_NO_DEPRECATED.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
