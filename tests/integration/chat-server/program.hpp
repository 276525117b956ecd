#pragma once

#include "tests/support/child_process.hpp"
#include "tests/support/temporary_folder.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace chatflow::chat {

/// Which servers a chat-server uses.
struct Servers {
    int postgres_port = 0;
    std::string database;
    int redis_port = 0;
};

/// The program chat-server, as it is shipped, on ports of its own.
class Program {
 public:
    /// `settings`: "CHATFLOW_THREADS=2".
    explicit Program(const Servers& servers, std::vector<std::string> settings = {});

    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] int metrics_port() const { return metrics_port_; }

    /// Returns when it serves, be it ready or not.
    void serve();
    /// `chat-server migrate`, started.
    [[nodiscard]] std::unique_ptr<test::ChildProcess> start_migration() const;
    /// The same to its end; the exit code.
    [[nodiscard]] int migrate() const;

    /// Another subcommand, to its end; the exit code.
    [[nodiscard]] int run(const std::vector<std::string>& arguments) const;

    void send(int signal) { process_->send(signal); }
    [[nodiscard]] int wait() { return process_->wait(); }

    /// What it has written so far.
    [[nodiscard]] std::string log() const;

 private:
    [[nodiscard]] std::vector<std::string> command(const std::vector<std::string>& arguments) const;
    [[nodiscard]] std::string log_file() const;

    Servers servers_;
    std::vector<std::string> settings_;
    int port_;
    int metrics_port_;
    test::TemporaryFolder folder_;
    std::unique_ptr<test::ChildProcess> process_;
};

/// Asks again and again until it is so; false after 20 s.
[[nodiscard]] bool eventually(const std::function<bool()>& is_so);

}  // namespace chatflow::chat
