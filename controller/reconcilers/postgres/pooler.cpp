#include "controller/domain/postgres/pooler.hpp"

#include "controller/domain/postgres/tls.hpp"
#include "controller/reconcilers/postgres/postgres_reconciler.hpp"
#include "libs/async/with_deadline.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace chatflow {

namespace {

// Of one pod: the others are asked even so.
constexpr std::chrono::seconds kPodAnswers{2};
constexpr std::chrono::seconds kStatementsTake{10};

}  // namespace

awaitable<void> PostgresReconciler::ask_poolers(ObservedTopology& seen, Deadline deadline) {
    if (!seen.topology.spec.pooler) co_return;
    std::vector<postgres::PoolerAnswer> answers;
    for (pooler::Pod& pod : seen.poolers) {
        pod.console_password = seen.pooler_passwords.console;
        pod.authorities = seen.certificates.authorities;
        pod.server_name = postgres::server_name_of(seen.topology.metadata);
        try {
            auto answer = co_await parts_.pooler.ask(pod, deadline.but_within(kPodAnswers));
            if (postgres::is_paused(answer.state)) seen.paused_poolers.push_back(pod);
            answers.push_back(std::move(answer));
        } catch (const sql::Error&) {
            // It starts or ends: not counted as ready.
        }
    }
    seen.seen.pooler = postgres::pooler_status(answers);
}

/// Nothing is under way when a visit begins, so that nobody waits for a pause that is seen then: an
/// operator that was stopped half-way left it.
awaitable<void> PostgresReconciler::resume_poolers(const ObservedTopology& seen, Deadline deadline,
                                                   const Log& log) {
    for (const pooler::Pod& pod : seen.paused_poolers) {
        std::string failure;
        try {
            co_await parts_.pooler.resume(pod, deadline.but_within(kPodAnswers));
        } catch (const sql::Error& error) {
            failure = error.what();
        }
        if (failure.empty()) {
            tell(seen.topology,
                 {"PoolerResumed", pod.name + " held transactions although nothing is under way",
                  true},
                 log);
        } else {
            log.warning("A paused pooler does not resume", {{"pod", pod.name}, {"error", failure}});
        }
    }
}

awaitable<void> PostgresReconciler::prepare_pooler(const ObservedTopology& seen, Deadline deadline,
                                                   const Log& log) {
    Memory& memory = memory_of(seen.topology);
    const std::string& password = seen.pooler_passwords.lookup;
    const auto primary = primary_of(seen);
    if (password.empty() || !primary || memory.lookup_password == password) co_return;
    try {
        co_await parts_.sql.run(*primary, postgres::pooler_role_statements(password),
                                deadline.but_within(kStatementsTake));
        memory_of(seen.topology).lookup_password = password;
        log.info("The pooler may look passwords up", {});
    } catch (const sql::Error& error) {
        log.warning("The pooler cannot be given its role", {{"error", error.what()}});
    }
}

std::optional<sql::Server> PostgresReconciler::primary_of(const ObservedTopology& seen) {
    const auto* const leader = postgres::leader_of(seen.seen);
    if (leader == nullptr || leader->state != "running" || seen.passwords.superuser.empty()) {
        return std::nullopt;
    }
    const auto address = seen.addresses.find(leader->name);
    if (address == seen.addresses.end()) return std::nullopt;
    return server_at(seen, address->second);
}

sql::Server PostgresReconciler::server_at(const ObservedTopology& seen,
                                          const std::string& address) {
    return {.host = address,
            .user = "postgres",
            .password = seen.passwords.superuser,
            .authorities = seen.certificates.authorities,
            .server_name = postgres::server_name_of(seen.topology.metadata)};
}

}  // namespace chatflow
