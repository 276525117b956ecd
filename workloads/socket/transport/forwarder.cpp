#include "workloads/socket/transport/forwarder.hpp"

#include "libs/async/resolve.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/base/deadline.hpp"

#include <charconv>
#include <cstdint>
#include <exception>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace chatflow::socket {
namespace {

constexpr std::string_view kPodMark = "{pod}";

struct Place {
    std::string host;
    std::uint16_t port = 8080;
};

Place place_of(std::string address, const std::string& pod) {
    const auto mark = address.find(kPodMark);
    if (mark != std::string::npos) address.replace(mark, kPodMark.size(), pod);
    const auto colon = address.rfind(':');
    if (colon == std::string::npos) return {.host = std::move(address)};
    Place place{.host = address.substr(0, colon)};
    std::from_chars(address.data() + colon + 1, address.data() + address.size(), place.port);
    return place;
}

}  // namespace

Forwarder::Forwarder(asio::any_io_executor executor, ForwarderOptions options, Log log)
    : executor_(executor),
      options_(std::move(options)),
      log_(std::move(log)),
      tasks_(executor, [](const std::exception_ptr&) {}) {}

void Forwarder::forward(std::string pod, std::string request, OnResponse on_response) {
    if (tasks_.running() >= options_.running_max) return on_response("");
    tasks_.spawn(run(std::move(pod), std::move(request), std::move(on_response)));
}

awaitable<void> Forwarder::stop() {
    tasks_.cancel();
    co_await tasks_.wait();
}

awaitable<void> Forwarder::run(std::string pod, std::string request, OnResponse on_response) {
    std::string response;
    try {
        response = co_await with_deadline(exchange(pod, std::move(request)),
                                          Deadline::after(options_.timeout), "the owner's answer");
    } catch (const std::exception& error) {
        // The pod may be gone for good, and its sessions with it: the client is told to begin anew.
        log_.debug("Cannot pass a request on", {{"pod", pod}, {"error", error.what()}});
    }
    on_response(std::move(response));
}

awaitable<std::string> Forwarder::exchange(std::string pod, std::string request) {
    const auto [host, port] = place_of(options_.address, pod);
    const auto found = co_await resolve(host, port);
    asio::ip::tcp::socket socket(executor_);
    co_await asio::async_connect(socket, found, asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
    std::string response;
    auto buffer = asio::dynamic_buffer(response, options_.response_bytes_max);
    // Until the owner closes; it was asked to.
    const auto [error, size] =
        co_await asio::async_read(socket, buffer, asio::as_tuple(asio::use_awaitable));
    if (error != asio::error::eof) throw boost::system::system_error(error);
    co_return response;
}

}  // namespace chatflow::socket
