#include "controller/clients/redis/ask.hpp"
#include "controller/domain/redis/config.hpp"
#include "controller/reconcilers/redis/redis_reconciler.hpp"
#include "libs/auth/sha256.hpp"
#include "libs/base/base64.hpp"
#include "libs/redis/errors.hpp"

#include <algorithm>
#include <chrono>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

using namespace redis_topology;
using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kCallTimeout = 2s;

/// Replaces whatever the account could do before.
redis::Command set_user(const api::RedisUser& user, const std::string& password) {
    const std::string secret = ">" + password;
    std::vector<std::string> rules;
    std::istringstream words(user.rules);
    for (std::string word; words >> word;) rules.push_back(word);
    std::vector<std::string_view> command{"ACL", "SETUSER", user.name, "reset", "on", secret};
    command.insert(command.end(), rules.begin(), rules.end());
    return redis::Command{std::span<const std::string_view>(command)};
}

bool is_wanted(const api::RedisTopology& topology, std::string_view user) {
    return user == "default" ||
           std::ranges::contains(topology.spec.users, user, &api::RedisUser::name);
}

}  // namespace

awaitable<std::vector<std::string>> RedisReconciler::user_passwords(
    const api::RedisTopology& topology, Deadline deadline) {
    std::vector<std::string> passwords;
    for (const api::RedisUser& user : topology.spec.users) {
        const kube::Resource resource =
            kube::core_resource("secrets", topology.metadata.name_space,
                                user_secret_of(topology.metadata.name, user.name));
        const auto secret = co_await parts_.kube.get(resource, deadline);
        if (secret) {
            const std::string text = secret->value("/data/password"_json_pointer, "");
            passwords.push_back(decode_base64(text).value_or(""));
            continue;
        }
        passwords.push_back(make_password());
        co_await apply_object(topology, user_secret(topology, user.name, passwords.back()),
                              deadline);
    }
    co_return passwords;
}

awaitable<std::string> RedisReconciler::apply_users(const api::RedisTopology& topology,
                                                    Credentials credentials, const Observed& seen,
                                                    Memory& memory, Deadline deadline) {
    const auto passwords = co_await user_passwords(topology, deadline);
    Settings lines;
    for (std::size_t i = 0; i < passwords.size(); ++i) {
        const api::RedisUser& user = topology.spec.users[i];
        lines[user.name] = user.rules + " " + passwords[i];
    }
    const std::string wanted = fingerprint(lines);
    if (memory.users != wanted) {
        // Nodes that start later read it from here.
        std::vector<std::string> hashes;
        for (const std::string& password : passwords) hashes.push_back(auth::sha256_hex(password));
        co_await apply_object(topology, users_file(topology, hashes), deadline);
        memory.users = wanted;
    }
    for (std::size_t i = 0; i < seen.nodes.size(); ++i) {
        const auto pod = std::ranges::find(seen.pods, seen.addresses[i].name, &PodView::name);
        if (pod == seen.pods.end() || seen.nodes[i].role == NodeRole::Unreachable) continue;
        std::string& known = memory.users_of_pod[pod->uid];
        const std::string of_this_run = wanted + seen.nodes[i].run_id;
        if (known == of_this_run) continue;
        try {
            co_await set_users(topology, passwords, seen.nodes[i].endpoint, credentials, deadline);
            known = of_this_run;
        } catch (const redis::ServerError& error) {
            co_return fmt::format("spec.users: {} refused: {}", pod->name, error.what());
        } catch (const redis::Error&) {
            // It has just gone away; the next look finds it.
        }
    }
    co_return std::string();
}

awaitable<void> RedisReconciler::set_users(const api::RedisTopology& topology,
                                           std::vector<std::string> passwords, Endpoint node,
                                           Credentials credentials, Deadline deadline) {
    const auto call = deadline.but_within(kCallTimeout);
    const redis::Command list{"ACL", "USERS"};
    const auto users = co_await ask_one(node, credentials, list, call);
    std::vector<redis::Command> commands;
    for (std::size_t i = 0; i < passwords.size(); ++i) {
        commands.push_back(set_user(topology.spec.users[i], passwords[i]));
    }
    for (std::size_t i = 0; i < users.size(); ++i) {
        if (is_wanted(topology, users[i].text())) continue;
        commands.push_back(redis::Command{"ACL", "DELUSER", users[i].text()});
    }
    if (commands.empty()) co_return;
    const auto replies = co_await ask(node, credentials, std::move(commands), call);
    for (const redis::Reply& reply : replies) {
        if (reply.is_error()) throw redis::ServerError(std::string(reply.error_text()));
    }
}

}  // namespace chatflow
