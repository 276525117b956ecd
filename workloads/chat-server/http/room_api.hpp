#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/http/router.hpp"
#include "workloads/chat-server/http/gate.hpp"
#include "workloads/chat-server/http/idempotency.hpp"
#include "workloads/chat-server/io/answer_cache.hpp"
#include "workloads/chat-server/io/member_repository.hpp"
#include "workloads/chat-server/io/message_repository.hpp"
#include "workloads/chat-server/io/room_cache.hpp"
#include "workloads/chat-server/io/room_repository.hpp"
#include "workloads/chat-server/io/single_flight.hpp"

#include <optional>
#include <string>

namespace chatflow::chat {

/// Loads of rooms under way, shared by all event loops.
using RoomFlights = SingleFlight<std::optional<std::string>>;

/// /api/v1/rooms and what is below it, for one event loop.
class RoomApi {
 public:
    RoomApi(RoomRepository& rooms, MemberRepository& members, MessageRepository& messages,
            RoomCache& cache, AnswerCache& answers, RoomFlights& flights, Metrics& metrics);

    void add_routes(http::Router& router, Gate& gate, Idempotency& idempotency);

 private:
    awaitable<http::Response> create(const http::Request& request, const Identity& who,
                                     const Operation& operation);
    awaitable<http::Response> list(const http::Request& request, const Identity& who);
    awaitable<http::Response> show(const http::Request& request, const Identity& who);
    awaitable<http::Response> change(const http::Request& request, const Identity& who);
    awaitable<http::Response> send(const http::Request& request, const Identity& who,
                                   const Operation& operation);
    awaitable<http::Response> history(const http::Request& request, const Identity& who);

    awaitable<http::Response> open_direct(std::string id, const Identity& who, std::string other,
                                          Deadline deadline);
    [[nodiscard]] awaitable<std::optional<std::string>> find_room(std::string id, bool fresh,
                                                                  Deadline deadline);
    [[nodiscard]] awaitable<std::optional<std::string>> load_room(std::string id,
                                                                  Deadline deadline);

    RoomRepository& rooms_;
    MemberRepository& members_;
    MessageRepository& messages_;
    RoomCache& cache_;
    AnswerCache& answers_;
    RoomFlights& flights_;
    Metrics& metrics_;
};

}  // namespace chatflow::chat
