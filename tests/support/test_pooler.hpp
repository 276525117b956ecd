#pragma once

#include "tests/support/child_process.hpp"
#include "tests/support/temporary_folder.hpp"

#include <memory>
#include <string>

namespace chatflow::test {

/// A real PgBouncer in transaction mode on a port of 127.0.0.1, before the PostgreSQL at another:
/// two connections to the server serve all clients.
class TestPooler {
 public:
    explicit TestPooler(int postgres_port);

    [[nodiscard]] int port() const { return port_; }
    /// For libpq.
    [[nodiscard]] std::string connection_string(const std::string& database) const;

 private:
    TemporaryFolder folder_;
    int port_;
    std::unique_ptr<ChildProcess> process_;
};

}  // namespace chatflow::test
