#pragma once

#include <string>
#include <vector>

namespace chatflow::api {

/// A role that may log in; its password is in the Secret TOPOLOGY-user-NAME.
struct PostgresUser {
    std::string name;
    std::vector<std::string> member_of;
    bool operator==(const PostgresUser&) const = default;
};

struct PostgresDatabase {
    std::string name;
    std::string owner;  // one of the users
    std::vector<std::string> extensions;
    bool operator==(const PostgresDatabase&) const = default;
};

}  // namespace chatflow::api
