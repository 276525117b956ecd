#pragma once

#include "controller/clients/sql/client.hpp"

#include <memory>
#include <string>

struct pg_conn;

namespace chatflow::sql {

/// Whether a server with authorities has to show a certificate of theirs, or any.
enum class Trust { Verified, Anyone };

/// One connection, for a thread that may block; every call ends at its deadline. Statements go by
/// the simple protocol, the only one that PgBouncer's console understands.
class Console {
 public:
    Console(const Server& server, Trust trust, Deadline deadline);  // throws Error

    [[nodiscard]] Rows run(const std::string& statement, Deadline deadline);
    /// That the server has shown, as PEM; empty on a connection in the clear.
    [[nodiscard]] std::string certificate() const;

 private:
    struct Close {
        void operator()(pg_conn* connection) const;
    };
    void wait(short events, Deadline deadline, const char* what);
    [[noreturn]] void fail(const char* what) const;

    std::unique_ptr<pg_conn, Close> connection_;
};

}  // namespace chatflow::sql
