#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

namespace chatflow {

namespace asio = boost::asio;
using asio::awaitable;

}  // namespace chatflow
