// Asio, compiled once for the whole program (BOOST_ASIO_SEPARATE_COMPILATION).
//
// cpprestsdk's shared library was built with Asio's deprecated hooks and takes these definitions
// instead of its own, as the program's come first. Without the hooks asio_handler_allocate() gives
// it a null pointer. Our own sources keep BOOST_ASIO_NO_DEPRECATED: they may not use them.
#undef BOOST_ASIO_NO_DEPRECATED

#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
