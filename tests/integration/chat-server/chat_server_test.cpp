#include "tests/integration/chat-server/chat_server_test.hpp"

#include <algorithm>
#include <stdexcept>

namespace chatflow::chat {

test::TestPostgres& ChatServerTest::postgres() {
    static test::TestPostgres server;
    return server;
}

test::TestRedis& ChatServerTest::redis() {
    static test::TestRedis server;
    return server;
}

ChatServerTest::ChatServerTest()
    : servers_{.postgres_port = postgres().port(),
               .database = postgres().make_database(),
               .redis_port = redis().port()},
      program_(servers_),
      client_(program_.port()) {}

void ChatServerTest::serve(Program& program) {
    if (program.migrate() != 0) throw std::runtime_error("cannot migrate: " + program.log());
    program.serve();
    ApiClient client(program.port());
    std::string told;
    const auto is_settled = [&] {
        const nlohmann::json health = client.get("/health/ready").json();
        told = health.dump();
        const auto& checks = health["checks"];
        return !checks.empty() && std::ranges::all_of(checks.items(), [](const auto& check) {
            // A store of files that is away may be what a test is about.
            return check.key() == "files" || check.value()["status"] == "up";
        });
    };
    if (!eventually(is_settled)) {
        throw std::runtime_error("does not get ready: " + told + "\n" + program.log());
    }
}

std::string ChatServerTest::make_room(const std::string& name) {
    return client_.post("/api/v1/rooms", {{"name", name}}).location;
}

Answer ChatServerTest::readiness() { return client_.get("/health/ready"); }

bool ChatServerTest::is_ready_as(const std::string& status) {
    return readiness().json()["status"] == status;
}

}  // namespace chatflow::chat
