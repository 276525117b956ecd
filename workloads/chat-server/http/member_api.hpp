#pragma once

#include "libs/http/router.hpp"
#include "workloads/chat-server/http/gate.hpp"
#include "workloads/chat-server/io/answer_cache.hpp"
#include "workloads/chat-server/io/member_repository.hpp"

namespace chatflow::chat {

/// Who is in a room, how far each has read, and the rooms one is in. One executor only.
class MemberApi {
 public:
    MemberApi(MemberRepository& members, AnswerCache& answers)
        : members_(members), answers_(answers) {}

    void add_routes(http::Router& router, Gate& gate);

 private:
    awaitable<http::Response> list(const http::Request& request, const Identity& who);
    awaitable<http::Response> put(const http::Request& request, const Identity& who);
    awaitable<http::Response> remove(const http::Request& request, const Identity& who);
    awaitable<http::Response> put_receipt(const http::Request& request, const Identity& who);
    awaitable<http::Response> list_mine(const http::Request& request, const Identity& who);

    awaitable<http::Response> change(const http::Request& request, const Identity& who,
                                     MemberWish wish);

    MemberRepository& members_;
    AnswerCache& answers_;
};

}  // namespace chatflow::chat
