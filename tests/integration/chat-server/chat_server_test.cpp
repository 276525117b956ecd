#include "tests/integration/chat-server/chat_server_test.hpp"

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
    const auto is_ready = [&] { return client.get("/health/ready").json()["status"] == "ready"; };
    if (!eventually(is_ready)) throw std::runtime_error("does not get ready: " + program.log());
}

std::string ChatServerTest::make_room(const std::string& name) {
    return client_.post("/api/v1/rooms", {{"name", name}}).location;
}

Answer ChatServerTest::readiness() { return client_.get("/health/ready"); }

bool ChatServerTest::is_ready_as(const std::string& status) {
    return readiness().json()["status"] == status;
}

}  // namespace chatflow::chat
