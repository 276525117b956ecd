#pragma once

#include "controller/clients/redis/ask.hpp"

#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// Who may log in beside the default account, and with what.
struct Account {
    std::string name;
    std::string rules;  // words of ACL SETUSER, without passwords
    std::string password;
};

/// Gives a node these accounts, each as if it were new, and takes all others but the default one
/// away. Throws redis::ServerError with what the node refused.
[[nodiscard]] awaitable<void> set_accounts(Endpoint node, Credentials credentials,
                                           std::vector<Account> accounts, Deadline deadline);

}  // namespace chatflow::redis_topology
