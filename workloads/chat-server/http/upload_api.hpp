#pragma once

#include "libs/async/clock.hpp"
#include "libs/http/router.hpp"
#include "workloads/chat-server/domain/signed_link.hpp"
#include "workloads/chat-server/domain/upload.hpp"
#include "workloads/chat-server/http/gate.hpp"
#include "workloads/chat-server/http/idempotency.hpp"
#include "workloads/chat-server/io/file_store.hpp"
#include "workloads/chat-server/io/message_changes.hpp"
#include "workloads/chat-server/io/upload_repository.hpp"

#include <optional>
#include <string>

namespace chatflow::chat {

/// Files: uploaded, attached to messages, fetched by signed addresses. One executor only.
class UploadApi {
 public:
    /// All outlive it.
    UploadApi(Clock& clock, UploadRepository& uploads, MessageChanges& messages, FileStore& store,
              const Secrets& secrets)
        : clock_(clock), uploads_(uploads), messages_(messages), store_(store), secrets_(secrets) {}

    void add_routes(http::Router& router, Gate& gate, Idempotency& idempotency);

    static constexpr const char* kUploadPath = "/api/v1/uploads";

 private:
    awaitable<http::Response> upload(const http::Request& request, const Identity& who,
                                     const Operation& operation);
    awaitable<std::optional<http::Response>> show_again(const http::Request& request,
                                                        const Identity& who, std::string location);
    awaitable<http::Response> show(const http::Request& request, const Identity& who);
    awaitable<http::Response> remove(const http::Request& request, const Identity& who);
    awaitable<http::Response> attach(const http::Request& request, const Identity& who);
    awaitable<http::Response> list(const http::Request& request, const Identity& who);
    awaitable<http::Response> fetch(const http::Request& request);

    [[nodiscard]] http::Response made(const Upload& upload) const;
    [[nodiscard]] std::string json_of(const Upload& upload) const;
    [[nodiscard]] std::string link_to(const std::string& name) const;

    Clock& clock_;
    UploadRepository& uploads_;
    MessageChanges& messages_;
    FileStore& store_;
    const Secrets& secrets_;
};

}  // namespace chatflow::chat
