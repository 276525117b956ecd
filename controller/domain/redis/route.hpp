#pragma once

#include "controller/domain/redis/view.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// Where an address of the topology leads: what an EndpointSlice holds.
struct Route {
    std::vector<std::string> pod_ips;  // sorted
    std::int64_t epoch = -1;           // of the master's configuration when this was written
    bool operator==(const Route&) const = default;
};

/// A pod with the address that is its own for good.
struct RoutedPod {
    std::string name;
    Endpoint endpoint;   // as Redis announces it
    std::string pod_ip;  // empty while it has none
    bool leaving = false;
    bool operator==(const RoutedPod&) const = default;
};

/// The new write route, or nothing to leave it. It never goes back to an older epoch, and within
/// one epoch only a node that says itself that it is master gets it: a Sentinel that was cut off,
/// or that has just started, cannot lead writers to an old master.
[[nodiscard]] std::optional<Route> next_write_route(const Route& current,
                                                    const SentinelView& sentinel,
                                                    const NodeView& master,
                                                    const std::vector<RoutedPod>& pods);

/// The new read route: replicas that the master has heard within `max_lag_seconds` and that are
/// not leaving; the master itself when there is none. Nothing to leave it as it is.
[[nodiscard]] std::optional<Route> next_read_route(const Route& current,
                                                   const SentinelView& sentinel,
                                                   const NodeView& master,
                                                   const std::vector<RoutedPod>& pods,
                                                   std::int64_t max_lag_seconds);

/// The write route that takes the place of one whose epoch no Sentinel remembers, as after all of
/// them lost their volumes; nothing while it may still be right. A majority has to name a master
/// that says so itself, and the route must lead to that one, to a pod that is gone, or to a node
/// that says that it is a replica: a node that does not answer may be a newer master.
[[nodiscard]] std::optional<Route> forgotten_write_route(const Route& current,
                                                         const std::vector<SentinelView>& sentinels,
                                                         int instances,
                                                         const std::vector<NodeView>& nodes,
                                                         const std::vector<RoutedPod>& pods);

/// Likewise of the read route, once the write route is no longer ahead of the Sentinels.
[[nodiscard]] std::optional<Route> forgotten_read_route(const Route& current, const Route& write,
                                                        const std::vector<SentinelView>& sentinels,
                                                        int instances,
                                                        const std::vector<NodeView>& nodes,
                                                        const std::vector<RoutedPod>& pods,
                                                        std::int64_t max_lag_seconds);

/// Replicas that started without data and now have a copy: they may be elected again.
[[nodiscard]] std::vector<Endpoint> to_make_electable(const NodeView& master,
                                                      const std::vector<NodeView>& nodes,
                                                      const std::vector<RoutedPod>& pods);

/// The replica that a planned switchover had best go to: it may be elected, has its link up, and
/// is the furthest of such; nothing when there is none.
[[nodiscard]] std::optional<Endpoint> best_successor(const NodeView& master,
                                                     const std::vector<NodeView>& nodes);

/// Pods with a lower ordinal may become master; further ones serve reads only.
inline constexpr int kElectable = 3;

/// The number at the end of a pod's name, -1 without one.
[[nodiscard]] int ordinal_of(const std::string& pod);

}  // namespace chatflow::redis_topology
