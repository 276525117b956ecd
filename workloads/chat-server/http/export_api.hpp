#pragma once

#include "libs/http/router.hpp"
#include "workloads/chat-server/http/gate.hpp"
#include "workloads/chat-server/http/idempotency.hpp"
#include "workloads/chat-server/io/export_repository.hpp"
#include "workloads/chat-server/io/file_store.hpp"
#include "workloads/chat-server/io/member_repository.hpp"

#include <string>

namespace chatflow::redis {
class Client;
}

namespace chatflow::chat {

/// Exports of messages: asked for here, written by the worker, fetched here. One executor only.
class ExportApi {
 public:
    /// `files` null: the folder of the worker's exports is not at hand, and nothing is fetched.
    ExportApi(ExportRepository& exports, MemberRepository& members, redis::Client& redis,
              FileStore* files)
        : exports_(exports), members_(members), redis_(redis), files_(files) {}

    void add_routes(http::Router& router, Gate& gate, Idempotency& idempotency);

 private:
    /// What the worker's queue says of the job.
    struct Progress {
        std::string state = {};  // waiting, running, done, failed, gone
        std::string percent = "0";
        std::string file = {};
        std::string reason = {};
    };
    awaitable<http::Response> ask(const http::Request& request, const Identity& who,
                                  const Operation& operation);
    awaitable<http::Response> show(const http::Request& request, const Identity& who);
    awaitable<http::Response> fetch(const http::Request& request, const Identity& who);
    awaitable<Progress> progress_of(const Export& wanted, Deadline deadline);

    ExportRepository& exports_;
    MemberRepository& members_;
    redis::Client& redis_;
    FileStore* files_;
};

}  // namespace chatflow::chat
