#pragma once

#include "libs/http/router.hpp"
#include "workloads/chat-server/http/gate.hpp"
#include "workloads/chat-server/io/admin_repository.hpp"
#include "workloads/chat-server/io/answer_cache.hpp"
#include "workloads/chat-server/io/audit.hpp"
#include "workloads/chat-server/io/error_repository.hpp"

namespace chatflow::chat {

/// /api/v1/admin: accounts and roles, the audit log, errors of clients. For admins; one executor
/// only.
class AdminApi {
 public:
    AdminApi(AdminRepository& admin, AuditLog& audit, ErrorRepository& errors, AnswerCache& answers)
        : admin_(admin), audit_(audit), errors_(errors), answers_(answers) {}

    void add_routes(http::Router& router, Gate& gate);

 private:
    awaitable<http::Response> list_users(const http::Request& request, const Identity& who);
    awaitable<http::Response> set_role(const http::Request& request, const Identity& who);
    awaitable<http::Response> end_sessions(const http::Request& request, const Identity& who);
    awaitable<http::Response> list_audit(const http::Request& request, const Identity& who);
    awaitable<http::Response> list_errors(const http::Request& request, const Identity& who);

    AdminRepository& admin_;
    AuditLog& audit_;
    ErrorRepository& errors_;
    AnswerCache& answers_;
};

}  // namespace chatflow::chat
