#pragma once

#include "tests/integration/chat-server/api_client.hpp"
#include "tests/integration/chat-server/program.hpp"
#include "tests/support/test_postgres.hpp"
#include "tests/support/test_redis.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chatflow::chat {

/// A chat-server on a database of its own; PostgreSQL and Redis run for the whole test program.
class ChatServerTest : public testing::Test {
 protected:
    ChatServerTest();

    static test::TestPostgres& postgres();
    static test::TestRedis& redis();

    /// Makes a room; returns its path.
    std::string make_room(const std::string& name = "a room");

    /// {"status":…,"checks":…} of /health/ready, with its HTTP status.
    [[nodiscard]] Answer readiness();
    [[nodiscard]] bool is_ready_as(const std::string& status);

    /// Migrates, serves, and returns when it is ready.
    void serve(Program& program);

    Servers servers_;
    Program program_;
    ApiClient client_;
};

}  // namespace chatflow::chat
