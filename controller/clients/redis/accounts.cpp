#include "controller/clients/redis/accounts.hpp"

#include "libs/redis/errors.hpp"

#include <algorithm>
#include <sstream>

namespace chatflow::redis_topology {
namespace {

/// Replaces whatever the account could do before.
redis::Command set_account(const Account& account) {
    const std::string secret = ">" + account.password;
    std::vector<std::string> rules;
    std::istringstream words(account.rules);
    for (std::string word; words >> word;) rules.push_back(word);
    std::vector<std::string_view> command{"ACL", "SETUSER", account.name, "reset", "on", secret};
    command.insert(command.end(), rules.begin(), rules.end());
    return redis::Command{std::span<const std::string_view>(command)};
}

bool is_wanted(const std::vector<Account>& accounts, std::string_view name) {
    return name == "default" || std::ranges::contains(accounts, name, &Account::name);
}

}  // namespace

awaitable<void> set_accounts(Endpoint node, Credentials credentials, std::vector<Account> accounts,
                             Deadline deadline) {
    const redis::Command list{"ACL", "USERS"};
    const auto users = co_await ask_one(node, credentials, list, deadline);
    std::vector<redis::Command> commands;
    for (const Account& account : accounts) commands.push_back(set_account(account));
    for (std::size_t i = 0; i < users.size(); ++i) {
        if (is_wanted(accounts, users[i].text())) continue;
        commands.push_back(redis::Command{"ACL", "DELUSER", users[i].text()});
    }
    if (commands.empty()) co_return;
    const auto replies = co_await ask(node, credentials, std::move(commands), deadline);
    for (const redis::Reply& reply : replies) {
        if (reply.is_error()) throw redis::ServerError(std::string(reply.error_text()));
    }
}

}  // namespace chatflow::redis_topology
