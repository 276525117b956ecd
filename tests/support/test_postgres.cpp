#include "tests/support/test_postgres.hpp"

#include "tests/support/files.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/postgres_user.hpp"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <pqxx/pqxx>

namespace chatflow::test {
namespace {

constexpr const char* kPrograms = "/usr/lib/postgresql/17/bin/";
constexpr int kReadyAttemptsMax = 300;
constexpr std::chrono::milliseconds kBetweenAttempts{100};

std::string connection_to(int port, const std::string& database) {
    return fmt::format("host=127.0.0.1 port={} user=chatflow dbname={} connect_timeout=2", port,
                       database);
}

// Returns when it takes connections.
std::unique_ptr<ChildProcess> run_postgres(const std::filesystem::path& folder, int port) {
    auto process = std::make_unique<ChildProcess>(
        as_postgres({std::string(kPrograms) + "postgres", "-D", (folder / "data").string(), "-p",
                     std::to_string(port), "-c", "listen_addresses=127.0.0.1", "-c",
                     "unix_socket_directories=" + folder.string(), "-c", "fsync=off", "-c",
                     "shared_buffers=32MB"}),
        folder / "postgres.log");
    for (int attempt = 0; attempt < kReadyAttemptsMax; ++attempt) {
        try {
            const pqxx::connection trial(connection_to(port, "postgres"));
            return process;
        } catch (const pqxx::failure&) {
            std::this_thread::sleep_for(kBetweenAttempts);
        }
    }
    throw std::runtime_error("postgres is not ready after 30 s: " +
                             text_of(folder / "postgres.log"));
}

}  // namespace

TestPostgres::TestPostgres() : port_(find_free_port()) {
    give_to_postgres(folder_.path());
    ChildProcess initdb(
        as_postgres({std::string(kPrograms) + "initdb",
                     "--pgdata=" + (folder_.path() / "data").string(), "--username=chatflow",
                     "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"}),
        folder_.path() / "initdb.log");
    if (initdb.wait() != 0) {
        throw std::runtime_error("initdb failed: " + text_of(folder_.path() / "initdb.log"));
    }
    start();
}

std::string TestPostgres::connection_string(const std::string& database) const {
    return connection_to(port_, database);
}

std::string TestPostgres::make_database() {
    std::string name = fmt::format("test_{}", ++databases_made_);
    pqxx::connection connection(connection_string("postgres"));
    pqxx::nontransaction(connection).exec("CREATE DATABASE " + name);
    return name;
}

void TestPostgres::start() { process_ = run_postgres(folder_.path(), port_); }

void TestPostgres::stop() { process_->stop(SIGINT); }

TestStandby::TestStandby(const TestPostgres& primary) : port_(find_free_port()) {
    give_to_postgres(folder_.path());
    ChildProcess backup(
        as_postgres({std::string(kPrograms) + "pg_basebackup", "--host=127.0.0.1",
                     "--port=" + std::to_string(primary.port()), "--username=chatflow",
                     "--pgdata=" + (folder_.path() / "data").string(), "--write-recovery-conf",
                     "--checkpoint=fast", "--no-sync"}),
        folder_.path() / "backup.log");
    if (backup.wait() != 0) {
        throw std::runtime_error("pg_basebackup failed: " + text_of(folder_.path() / "backup.log"));
    }
    start();
}

void TestStandby::start() { process_ = run_postgres(folder_.path(), port_); }

void TestStandby::kill() { process_->stop(SIGQUIT); }

void TestStandby::pause_replay() { execute("SELECT pg_wal_replay_pause()"); }

void TestStandby::resume_replay() { execute("SELECT pg_wal_replay_resume()"); }

void TestStandby::execute(const char* sql) const {
    pqxx::connection connection(connection_to(port_, "postgres"));
    pqxx::nontransaction(connection).exec(sql);
}

}  // namespace chatflow::test
