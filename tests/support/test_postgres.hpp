#pragma once

#include "tests/support/child_process.hpp"
#include "tests/support/temporary_folder.hpp"

#include <memory>
#include <string>

namespace chatflow::test {

/// A real PostgreSQL 17 on a port of 127.0.0.1, with a user `chatflow` that needs no password.
/// Writes are not forced to the disk: for tests that end servers, not machines.
class TestPostgres {
 public:
    TestPostgres();

    /// Makes an empty database with a name of its own; returns the name.
    [[nodiscard]] std::string make_database();

    [[nodiscard]] int port() const { return port_; }
    /// For libpq.
    [[nodiscard]] std::string connection_string(const std::string& database) const;

    void start();  // returns when it is ready; on the same port and data as before
    void stop();   // cuts connections, as a failover does

 private:
    TemporaryFolder folder_;
    int port_;
    int databases_made_ = 0;
    std::unique_ptr<ChildProcess> process_;
};

/// A standby that streams from it: what was committed there appears here a moment later. Does not
/// outlive the primary.
class TestStandby {
 public:
    explicit TestStandby(const TestPostgres& primary);

    [[nodiscard]] int port() const { return port_; }

    /// Nothing new appears until resume_replay(), though it goes on receiving.
    void pause_replay();
    void resume_replay();

    void start();
    void kill();

 private:
    void execute(const char* sql) const;

    TemporaryFolder folder_;
    int port_;
    std::unique_ptr<ChildProcess> process_;
};

}  // namespace chatflow::test
