#include "controller/domain/redis/cluster_view.hpp"

#include <algorithm>
#include <charconv>

namespace chatflow::redis_topology {
namespace {

std::string_view cut_word(std::string_view& text, char separator = ' ') {
    const auto at = text.find(separator);
    const std::string_view word = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return word;
}

template <class Number>
Number number(std::string_view text) {
    Number value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// "10.96.0.4:6379@16379,name"; in the file of a node that speaks TLS alone
/// "10.96.0.4:0@16379,name,tls-port=6379".
Endpoint endpoint_from(std::string_view text) {
    constexpr std::string_view kTlsPort = ",tls-port=";
    const auto tls = text.find(kTlsPort);
    const auto by_tls = tls == std::string_view::npos
                            ? std::uint16_t{0}
                            : number<std::uint16_t>(text.substr(tls + kTlsPort.size()));
    text = text.substr(0, text.find('@'));
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return {};
    return {std::string(text.substr(0, colon)),
            by_tls != 0 ? by_tls : number<std::uint16_t>(text.substr(colon + 1))};
}

/// "0-5460", "77", "[93->-ID]" to ID or "[93-<-ID]" from it.
void add_slots(std::string_view word, KnownNode& node, ClusterView& view) {
    if (word.starts_with('[') && word.ends_with(']')) {
        word = word.substr(1, word.size() - 2);
        const auto dash = word.find('-');
        if (dash == std::string_view::npos || word.size() < dash + 4) return;
        view.open.push_back({.slot = number<int>(word.substr(0, dash)),
                             .other = std::string(word.substr(dash + 3)),
                             .is_importing = word[dash + 1] == '<'});
        return;
    }
    const auto dash = word.find('-');
    const int first = number<int>(word.substr(0, dash));
    const int last = dash == std::string_view::npos ? first : number<int>(word.substr(dash + 1));
    if (first < 0 || last < first || last >= kClusterSlots) return;
    node.slots.push_back({first, last});
}

/// "ID ADDRESS FLAGS MASTER PING PONG EPOCH LINK SLOTS…"
void add_line(std::string_view line, ClusterView& view) {
    KnownNode node;
    node.id = cut_word(line);
    node.endpoint = endpoint_from(cut_word(line));
    const std::string_view flags = cut_word(line);
    const std::string_view master = cut_word(line);
    cut_word(line);
    cut_word(line);
    node.epoch = number<std::int64_t>(cut_word(line));
    const std::string_view link = cut_word(line);
    if (flags.empty() || link.empty()) return;
    node.is_self = flags.contains("myself");
    node.is_master = flags.contains("master");
    // "fail", "fail?" and "noaddr"; "nofailover" is none of them.
    node.has_failed = flags.contains("fail?") || flags.contains("noaddr") ||
                      flags.ends_with("fail") || flags.contains("fail,");
    node.is_met = !flags.contains("handshake");
    node.is_connected = node.is_self || link == "connected";
    if (master != "-") node.master_id = master;
    while (!line.empty()) {
        if (const auto word = cut_word(line); !word.empty()) add_slots(word, node, view);
    }
    if (node.is_self) view.id = node.id;
    view.known.push_back(std::move(node));
}

}  // namespace

ClusterView cluster_from_nodes(std::string_view text) {
    ClusterView view;
    while (!text.empty()) {
        std::string_view line = cut_word(text, '\n');
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty()) add_line(line, view);
    }
    return view;
}

std::vector<SlotRange> ranges_of(const std::vector<int>& slots) {
    std::vector<SlotRange> ranges;
    for (const int slot : slots) {
        if (!ranges.empty() && ranges.back().last == slot - 1) {
            ranges.back().last = slot;
        } else {
            ranges.push_back({slot, slot});
        }
    }
    return ranges;
}

const KnownNode* self_of(const ClusterView& view) { return known_by_id(view, view.id); }

const KnownNode* known_by_id(const ClusterView& view, std::string_view id) {
    const auto found = std::ranges::find(view.known, id, &KnownNode::id);
    return found == view.known.end() ? nullptr : &*found;
}

}  // namespace chatflow::redis_topology
