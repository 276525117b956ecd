#pragma once

#include "libs/http/request_parser.hpp"
#include "libs/http/server.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace chatflow::http {

/// One connection: reads requests, runs their handlers one after the other, writes the responses.
/// Lives in the frame of Server::serve(). Its time limits are watched by the server, once for all
/// connections, so that no request pays for a timer.
class Server::Session {
 public:
    Session(Server& server, asio::ip::tcp::socket socket);
    ~Session() { release_large_body(); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Until the connection is over.
    awaitable<void> run();

    /// Ends the phase it is in when that has taken longer than its limit.
    void end_overdue_phase(std::chrono::steady_clock::time_point now);

    /// Closes the connection if no request has begun on it.
    void close_if_idle();

 private:
    enum class Phase { Idle, Header, Body, Answer, Write };

    void enter(Phase phase, std::chrono::seconds limit);
    awaitable<bool> read_request();
    awaitable<bool> read_more();
    void make_room();
    [[nodiscard]] std::optional<Response> refuse_large_body();
    void release_large_body();
    awaitable<void> answer();
    awaitable<Response> run_handler(const Handler& handler);
    awaitable<void> stream(BodySource& source);
    void finish(Response& response);
    void append(const Response& response);
    awaitable<bool> flush();
    awaitable<boost::system::error_code> write_from(std::size_t sent);
    awaitable<void> linger();

    Server& server_;
    asio::ip::tcp::socket socket_;
    std::string remote_;
    RequestParser parser_;
    std::string input_;  // bytes [begin_, end_) have been read and not yet parsed
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::string output_;
    Phase phase_ = Phase::Idle;
    std::chrono::steady_clock::time_point phase_end_ = std::chrono::steady_clock::time_point::max();
    bool is_overdue_ = false;
    bool keep_alive_ = true;
    bool holds_large_body_ = false;
};

}  // namespace chatflow::http
