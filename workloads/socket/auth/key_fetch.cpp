#include "workloads/socket/auth/key_fetch.hpp"

#include "libs/async/awaitable.hpp"
#include "libs/async/resolve.hpp"

#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace chatflow::socket {
namespace {

namespace rest = boost::beast::http;
using Tcp = asio::ip::tcp;

bool is_address(const std::string& host) {
    boost::system::error_code error;
    asio::ip::make_address(host, error);
    return !error;
}

// What SSL_set_tlsext_host_name is, without its cast.
void name_server(SSL* connection, std::string host) {
    SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data());
}

std::string host_header(const http::HttpUrl& url) {
    std::string text = url.host.contains(':') ? "[" + url.host + "]" : url.host;
    const bool is_usual = url.port == (url.is_tls ? 443 : 80);
    return is_usual ? text : text + ":" + std::to_string(url.port);
}

template <class Stream>
awaitable<std::string> ask(Stream& stream, const http::HttpUrl& url, std::size_t bytes_max) {
    rest::request<rest::empty_body> request(rest::verb::get, url.target, 11);
    request.set(rest::field::host, host_header(url));
    request.set(rest::field::accept, "application/jwk-set+json, application/json");
    request.set(rest::field::user_agent, "chatflow-socket");
    request.set(rest::field::connection, "close");
    co_await rest::async_write(stream, request, asio::use_awaitable);
    boost::beast::flat_buffer buffer;
    rest::response_parser<rest::string_body> parser;
    parser.body_limit(bytes_max);
    co_await rest::async_read(stream, buffer, parser, asio::use_awaitable);
    const unsigned status = parser.get().result_int();
    if (status != 200) throw std::runtime_error("it answered " + std::to_string(status));
    co_return std::move(parser.get().body());
}

awaitable<std::string> get(const KeyServer& server, std::size_t bytes_max) {
    const auto& url = server.url;
    const auto executor = co_await asio::this_coro::executor;
    const auto found = co_await resolve(url.host, url.port);
    Tcp::socket socket(executor);
    co_await asio::async_connect(socket, found, asio::use_awaitable);
    if (!url.is_tls) co_return co_await ask(socket, url, bytes_max);
    asio::ssl::context tls(asio::ssl::context::tls_client);
    if (server.ca_file.empty()) {
        tls.set_default_verify_paths();
    } else {
        tls.load_verify_file(server.ca_file);
    }
    asio::ssl::stream<Tcp::socket> stream(std::move(socket), tls);
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.set_verify_callback(asio::ssl::host_name_verification(url.host));
    if (!is_address(url.host)) name_server(stream.native_handle(), url.host);
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    co_return co_await ask(stream, url, bytes_max);
}

std::string words_of(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
        if (error.code() == rest::error::body_limit) return "it answered more than is taken";
        return error.code().message();
    } catch (const std::exception& error) {
        return error.what();
    }
}

}  // namespace

std::expected<std::string, std::string> fetch(const KeyServer& server, std::size_t bytes_max,
                                              Deadline deadline) {
    std::optional<std::expected<std::string, std::string>> result;
    asio::io_context context(1);
    const auto keep = [&result](const std::exception_ptr& failure, std::string body) {
        if (failure) {
            result = std::unexpected(words_of(failure));
        } else {
            result = std::move(body);
        }
    };
    asio::co_spawn(context, get(server, bytes_max), keep);
    context.run_until(deadline.moment());
    if (!result) return std::unexpected("it did not answer in time");
    return *std::move(result);
}

}  // namespace chatflow::socket
