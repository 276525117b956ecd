#include "controller/clients/patroni/exchange.hpp"

#include "libs/async/with_deadline.hpp"

#include <charconv>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace chatflow::patroni {

using clients::HttpRequest;
using clients::HttpResponse;
using clients::TransportError;

namespace {

using asio::ip::tcp;

std::string text_of(const Address& address, const HttpRequest& request) {
    std::string text =
        fmt::format("{} {} HTTP/1.0\r\nHost: {}:{}\r\nContent-Length: {}\r\n", request.method,
                    request.target, address.ip, address.port, request.body.size());
    for (const clients::HttpHeader& header : request.headers) {
        text += fmt::format("{}: {}\r\n", header.name, header.value);
    }
    return text + "\r\n" + request.body;
}

awaitable<HttpResponse> answer_of(Address address, HttpRequest request) {
    const std::string what =
        fmt::format("{} {}:{}{}", request.method, address.ip, address.port, request.target);
    const auto executor = co_await asio::this_coro::executor;
    constexpr auto kTell = asio::as_tuple(asio::use_awaitable);
    boost::system::error_code wrong;
    const auto ip = asio::ip::make_address(address.ip, wrong);
    if (wrong) throw TransportError(what + ": no address");
    tcp::socket socket(executor);
    const auto [refused] = co_await socket.async_connect({ip, address.port}, kTell);
    if (refused) throw TransportError(what + ": " + refused.message());
    const std::string sent = text_of(address, request);
    const auto [broken, count] = co_await asio::async_write(socket, asio::buffer(sent), kTell);
    if (broken) throw TransportError(what + ": " + broken.message());
    std::string bytes;
    auto buffer = asio::dynamic_buffer(bytes, request.response_bytes_max);
    const auto [end, size] = co_await asio::async_read(socket, buffer, asio::transfer_all(), kTell);
    if (end != asio::error::eof) {
        throw TransportError(what + ": " + (end ? end.message() : "the answer is too long"));
    }
    auto response = read_answer(bytes);
    if (!response) throw TransportError(what + ": the answer is not HTTP");
    co_return *std::move(response);
}

}  // namespace

awaitable<HttpResponse> exchange(Address address, HttpRequest request, Deadline deadline) {
    co_return co_await with_deadline(answer_of(std::move(address), std::move(request)), deadline,
                                     "the exchange with Patroni");
}

std::optional<HttpResponse> read_answer(std::string_view bytes) {
    const auto head_end = bytes.find("\r\n\r\n");
    const auto space = bytes.find(' ');
    if (!bytes.starts_with("HTTP/1.") || head_end == std::string_view::npos ||
        space + 4 > head_end) {
        return std::nullopt;
    }
    HttpResponse response;
    const char* const digits = bytes.data() + space + 1;
    const auto [end, error] = std::from_chars(digits, digits + 3, response.status);
    if (error != std::errc{} || end != digits + 3) return std::nullopt;
    response.body = bytes.substr(head_end + 4);
    return response;
}

}  // namespace chatflow::patroni
