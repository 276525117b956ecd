#include "controller/cli/acting.hpp"

#include "controller/cli/cluster_session.hpp"
#include "controller/cli/installation.hpp"
#include "controller/clients/kube/api.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <iostream>

#include <fmt/format.h>

namespace chatflow::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kSilence = 60s;
constexpr auto kCallTime = 3s;

TimePoint renewed_at(const api::Lease& lease) {
    return lease.spec.renew_time.value_or(TimePoint{});
}

awaitable<std::vector<api::Lease>> find_leases(ClusterSession& session) {
    kube::Api<api::Lease> leases(session.client());
    kube::Selection ours{.label_selector = "",
                         .field_selector = fmt::format("metadata.name={}", kControllerLease)};
    co_return co_await leases.list(std::move(ours), Deadline::after(kCallTime));
}

}  // namespace

std::optional<std::string> nobody_acts(const std::vector<api::Lease>& leases, TimePoint now) {
    if (leases.empty()) return std::nullopt;
    const api::Lease& last = *std::ranges::max_element(leases, {}, renewed_at);
    const auto silent = std::chrono::floor<std::chrono::seconds>(now - renewed_at(last));
    if (!last.spec.renew_time || silent <= kSilence) return std::nullopt;
    const std::string& place = last.metadata.name_space;
    return fmt::format(
        "no operator has acted for {}: what is told here is as it was left. "
        "`kubectl -n {} get pods` and `kubectl -n {} get lease {}` show more",
        format_age(silent), place, place, kControllerLease);
}

void warn_when_nobody_acts(ClusterSession& session) {
    try {
        const auto leases = session.run(find_leases(session));
        if (const auto sentence = nobody_acts(leases, session.clock().now())) {
            std::cerr << "warning: " << *sentence << '\n';
        }
    } catch (const std::exception&) {
        return;  // as a user who may not list Leases
    }
}

}  // namespace chatflow::cli
