#include "controller/clients/redis/observe.hpp"

#include "controller/domain/redis/replies.hpp"
#include "libs/async/side_by_side.hpp"
#include "libs/redis/errors.hpp"

namespace chatflow::redis_topology {
namespace {

/// ["name", "q", "ip", "10.0.0.1", …], of a list or a map.
Fields fields_of(const redis::Reply& reply) {
    Fields fields;
    for (std::size_t i = 0; i + 1 < reply.size(); i += 2) {
        fields.emplace(reply[i].text(), reply[i + 1].text());
    }
    return fields;
}

std::vector<Fields> list_of_fields(const redis::Reply& reply) {
    std::vector<Fields> list;
    for (std::size_t i = 0; i < reply.size(); ++i) {
        Fields& fields = list.emplace_back();
        for (std::size_t j = 0; j + 1 < reply[i].size(); j += 2) {
            fields.emplace(reply[i][j].text(), reply[i][j + 1].text());
        }
    }
    return list;
}

awaitable<void> observe_node_into(Endpoint endpoint, Credentials credentials, Deadline deadline,
                                  NodeView& view) {
    view = co_await observe_node(std::move(endpoint), std::move(credentials), deadline);
}

awaitable<void> observe_sentinel_into(Endpoint endpoint, std::string name, Credentials credentials,
                                      Deadline deadline, SentinelView& view) {
    view = co_await observe_sentinel(std::move(endpoint), std::move(name), std::move(credentials),
                                     deadline);
}

}  // namespace

awaitable<NodeView> observe_node(Endpoint endpoint, Credentials credentials, Deadline deadline) {
    NodeView view{.endpoint = endpoint};
    try {
        std::vector<redis::Command> commands;
        commands.push_back(redis::Command{"INFO"});
        commands.push_back(redis::Command{"SLOWLOG", "GET", "1"});
        const auto replies = co_await ask(endpoint, credentials, std::move(commands), deadline);
        if (replies[0].is_error()) {
            view.error = replies[0].error_text();
        } else {
            view = node_from_info(endpoint, replies[0].text());
            // Entries are numbered from 0, and the newest comes first.
            const bool has_slow = !replies[1].is_error() && replies[1].size() > 0;
            view.slow_commands = has_slow ? replies[1][0][0].integer() + 1 : 0;
        }
    } catch (const redis::Error& error) {
        view.error = error.what();
    }
    co_return view;
}

awaitable<SentinelView> observe_sentinel(Endpoint endpoint, std::string name,
                                         Credentials credentials, Deadline deadline) {
    SentinelView view{.endpoint = endpoint};
    try {
        std::vector<redis::Command> commands;
        commands.push_back(redis::Command{"SENTINEL", "MASTER", name});
        commands.push_back(redis::Command{"SENTINEL", "REPLICAS", name});
        const auto replies = co_await ask(endpoint, credentials, std::move(commands), deadline);
        if (replies[0].is_error() || replies[1].is_error()) {
            view.reachable = true;
            view.error = replies[replies[0].is_error() ? 0 : 1].error_text();
        } else {
            view =
                sentinel_from_fields(endpoint, fields_of(replies[0]), list_of_fields(replies[1]));
        }
    } catch (const redis::Error& error) {
        view.error = error.what();
    }
    co_return view;
}

awaitable<std::vector<NodeView>> observe_nodes(std::vector<Endpoint> endpoints,
                                               Credentials credentials, Deadline deadline) {
    std::vector<NodeView> views(endpoints.size());
    std::vector<awaitable<void>> tasks;
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        tasks.push_back(observe_node_into(endpoints[i], credentials, deadline, views[i]));
    }
    co_await all_settled(std::move(tasks));
    co_return views;
}

awaitable<std::vector<SentinelView>> observe_sentinels(std::vector<Endpoint> endpoints,
                                                       std::string name, Credentials credentials,
                                                       Deadline deadline) {
    std::vector<SentinelView> views(endpoints.size());
    std::vector<awaitable<void>> tasks;
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        tasks.push_back(observe_sentinel_into(endpoints[i], name, credentials, deadline, views[i]));
    }
    co_await all_settled(std::move(tasks));
    co_return views;
}

}  // namespace chatflow::redis_topology
