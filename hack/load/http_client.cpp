#include "hack/load/http_client.hpp"

#include <random>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

namespace chatflow::load {
namespace {

namespace beast_http = boost::beast::http;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kRequestTime{5};
constexpr std::uint64_t kAnswerBytesMax = 16U * 1024U * 1024U;

// 8 to 12 s, so that connections are not all renewed at the same moment.
steady_clock::duration connection_age_max() {
    static std::minstd_rand random{std::random_device{}()};
    return std::chrono::milliseconds(std::uniform_int_distribution<int>(8'000, 12'000)(random));
}

// The peer had closed before it saw the request.
bool says_closed(const boost::system::error_code& error) {
    return error == beast_http::error::end_of_stream || error == asio::error::connection_reset ||
           error == asio::error::broken_pipe || error == asio::error::eof;
}

}  // namespace

HttpClient::HttpClient(asio::any_io_executor executor, const Addresses& addresses)
    : addresses_(addresses), socket_(std::move(executor)) {}

awaitable<Answer> HttpClient::exchange(std::string request) {
    end_ = steady_clock::now() + kRequestTime;
    is_overdue_ = false;
    if (steady_clock::now() >= renew_at_) close();
    for (;;) {
        const bool is_reused = socket_.is_open();
        boost::system::error_code error;
        try {
            if (!is_reused) co_await connect();
            Answer answer = co_await send_and_read(request);
            end_ = Time::max();
            co_return answer;
        } catch (const boost::system::system_error& caught) {
            error = caught.code();
        }
        close();
        if (is_reused && says_closed(error)) continue;
        end_ = Time::max();
        throw failure(error);
    }
}

awaitable<void> HttpClient::connect() {
    const auto endpoints = addresses_.shuffled();
    co_await asio::async_connect(socket_, endpoints, asio::use_awaitable);
    socket_.set_option(asio::ip::tcp::no_delay(true));
    renew_at_ = steady_clock::now() + connection_age_max();
    ++connections_made_;
}

awaitable<Answer> HttpClient::send_and_read(const std::string& request) {
    co_await asio::async_write(socket_, asio::buffer(request), asio::use_awaitable);
    beast_http::response_parser<beast_http::string_body> parser;
    parser.body_limit(kAnswerBytesMax);
    co_await beast_http::async_read(socket_, buffer_, parser, asio::use_awaitable);
    if (!parser.get().keep_alive()) close();
    co_return Answer{.status = parser.get().result_int(), .body = std::move(parser.get().body())};
}

void HttpClient::end_overdue(Time now) {
    if (now < end_) return;
    is_overdue_ = true;
    boost::system::error_code ignored;  // the next call tries again
    socket_.cancel(ignored);
}

void HttpClient::close() {
    boost::system::error_code ignored;  // a socket that cannot be closed properly is gone as well
    socket_.close(ignored);
    buffer_.clear();
}

RequestFailed HttpClient::failure(const boost::system::error_code& error) const {
    if (is_overdue_) return RequestFailed("timeout");
    if (error == asio::error::connection_refused) return RequestFailed("connection refused");
    if (says_closed(error)) return RequestFailed("connection lost");
    return RequestFailed(error.message());
}

}  // namespace chatflow::load
