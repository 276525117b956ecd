#include "controller/domain/postgres/databases.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::postgres {
namespace {

api::PostgresTopologySpec chat() {
    api::PostgresTopologySpec spec;
    spec.users = {{.name = "chat", .member_of = {"pg_monitor"}}};
    spec.databases = {{.name = "rooms", .owner = "chat", .extensions = {"pg_trgm"}}};
    return spec;
}

TEST(Databases, WhatIsMissingIsMadeAndWhatIsThereIsPutRight) {
    const auto fresh = user_statements(chat(), {"postgres"}, {{"chat", "secret"}});
    EXPECT_TRUE(std::ranges::contains(fresh, "CREATE ROLE \"chat\" LOGIN"));
    EXPECT_TRUE(std::ranges::contains(fresh, "ALTER ROLE \"chat\" LOGIN PASSWORD 'secret'"));
    EXPECT_TRUE(std::ranges::contains(fresh, "GRANT \"pg_monitor\" TO \"chat\""));
    const auto again = user_statements(chat(), {"postgres", "chat"}, {});
    EXPECT_FALSE(std::ranges::contains(again, "CREATE ROLE \"chat\" LOGIN"));
    using Texts = std::vector<std::string>;
    EXPECT_EQ(database_statements(chat(), {"postgres"}),
              Texts{"CREATE DATABASE \"rooms\" OWNER \"chat\""});
    EXPECT_EQ(database_statements(chat(), {"rooms"}),
              Texts{"ALTER DATABASE \"rooms\" OWNER TO \"chat\""});
    EXPECT_EQ(extension_statements(chat().databases[0]),
              Texts{"CREATE EXTENSION IF NOT EXISTS \"pg_trgm\""});
}

TEST(Databases, PasswordsAreQuotedAndNotWrittenDownByTheServer) {
    const auto statements = user_statements(chat(), {"chat"}, {{"chat", R"(it's\)"}});
    EXPECT_TRUE(
        std::ranges::contains(statements, R"(ALTER ROLE "chat" LOGIN PASSWORD  E'it''s\\')"));
    EXPECT_EQ(statements[0], "SET log_statement = 'none'");
}

TEST(Databases, TheSecretOfAUserSaysWhereToConnectToAndStays) {
    api::PostgresTopology topology;
    topology.metadata = {.name = "db", .name_space = "apps", .uid = "u"};
    const auto secret = user_credentials(topology, "chat_app", "p");
    EXPECT_EQ(secret.name(), "db-user-chat-app");
    EXPECT_EQ(secret.object["stringData"]["host"], "db-rw");
    EXPECT_FALSE(secret.object["metadata"].contains("ownerReferences"));
}

}  // namespace
}  // namespace chatflow::postgres
