#include "controller/clients/redis/accounts.hpp"
#include "controller/domain/redis/config.hpp"
#include "controller/reconcilers/redis/redis_reconciler.hpp"
#include "libs/auth/sha256.hpp"
#include "libs/base/base64.hpp"
#include "libs/redis/errors.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

using namespace redis_topology;
using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kCallTimeout = 2s;
// Somebody may have changed or deleted the file, which nodes read at their next start.
constexpr auto kWriteAgainAfter = 60s;

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
    std::vector<Account> accounts;
    for (std::size_t i = 0; i < passwords.size(); ++i) {
        const api::RedisUser& user = topology.spec.users[i];
        lines[user.name] = user.rules + " " + passwords[i];
        accounts.push_back({.name = user.name, .rules = user.rules, .password = passwords[i]});
    }
    const std::string wanted = fingerprint(lines);
    const bool is_due =
        !memory.users_written_at || seen.now - *memory.users_written_at >= kWriteAgainAfter;
    if (memory.users != wanted || is_due) {
        // Nodes that start later read it from here.
        std::vector<std::string> hashes;
        for (const std::string& password : passwords) hashes.push_back(auth::sha256_hex(password));
        co_await apply_object(topology, users_file(topology, hashes), deadline);
        memory.users = wanted;
        memory.users_written_at = seen.now;
    }
    for (std::size_t i = 0; i < seen.nodes.size(); ++i) {
        const auto pod = std::ranges::find(seen.pods, seen.addresses[i].name, &PodView::name);
        if (pod == seen.pods.end() || seen.nodes[i].role == NodeRole::Unreachable) continue;
        std::string& known = memory.users_of_pod[pod->uid];
        const std::string of_this_run = wanted + seen.nodes[i].run_id;
        if (known == of_this_run) continue;
        try {
            co_await set_accounts(seen.nodes[i].endpoint, credentials, accounts,
                                  deadline.but_within(kCallTimeout));
            known = of_this_run;
        } catch (const redis::ServerError& error) {
            co_return fmt::format("spec.users: {} refused: {}", pod->name, error.what());
        } catch (const redis::Error&) {
            // It has just gone away; the next look finds it.
        }
    }
    co_return std::string();
}

}  // namespace chatflow
