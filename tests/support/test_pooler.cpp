#include "tests/support/test_pooler.hpp"

#include "tests/support/files.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/postgres_user.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <pqxx/pqxx>

namespace chatflow::test {
namespace {

constexpr int kReadyAttemptsMax = 150;
constexpr std::chrono::milliseconds kBetweenAttempts{100};

}  // namespace

TestPooler::TestPooler(int postgres_port) : port_(find_free_port()) {
    give_to_postgres(folder_.path());
    folder_.write("pgbouncer.ini", fmt::format("[databases]\n"
                                               "* = host=127.0.0.1 port={}\n"
                                               "[pgbouncer]\n"
                                               "listen_addr = 127.0.0.1\n"
                                               "listen_port = {}\n"
                                               "unix_socket_dir =\n"
                                               "auth_type = trust\n"
                                               "admin_users = chatflow_console\n"
                                               "auth_file = {}/users.txt\n"
                                               "pool_mode = transaction\n"
                                               "max_prepared_statements = 200\n"
                                               "default_pool_size = 2\n",
                                               postgres_port, port_, folder_.path().string()));
    folder_.write("users.txt", "\"chatflow\" \"\"\n\"chatflow_console\" \"\"\n");
    process_ = std::make_unique<ChildProcess>(
        as_postgres({"/usr/sbin/pgbouncer", (folder_.path() / "pgbouncer.ini").string()}),
        folder_.path() / "pgbouncer.log");
    for (int attempt = 0; attempt < kReadyAttemptsMax; ++attempt) {
        try {
            const pqxx::connection trial(connection_string("postgres"));
            return;
        } catch (const pqxx::failure&) {
            std::this_thread::sleep_for(kBetweenAttempts);
        }
    }
    throw std::runtime_error("PgBouncer is not ready after 15 s: " +
                             text_of(folder_.path() / "pgbouncer.log"));
}

std::string TestPooler::connection_string(const std::string& database) const {
    return fmt::format("host=127.0.0.1 port={} user=chatflow dbname={} connect_timeout=2", port_,
                       database);
}

}  // namespace chatflow::test
