// chatflow-load: puts load on a chat-server. Start reading at Load::run().
#include "hack/load/chart.hpp"
#include "hack/load/load.hpp"
#include "hack/load/options.hpp"
#include "libs/base/version.hpp"

#include <cstdlib>
#include <exception>
#include <expected>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

namespace {

using namespace chatflow;
using namespace chatflow::load;

template <class T>
void add(CLI::App& app, const char* name, T& place,
         std::expected<T, std::string> (*parse)(std::string_view), const char* meaning) {
    const auto store = [&place, name, parse](const std::string& text) {
        auto value = parse(text);
        if (!value) throw CLI::ValidationError(name, value.error());
        place = std::move(*value);
    };
    app.add_option_function<std::string>(name, store, meaning);
}

void write_plot(const Load& load, const Options& options) {
    std::ofstream file(options.plot);
    file << svg_chart(load.seconds(),
                      fmt::format("chatflow-load: {} connections, {}/s, mix {}",
                                  options.connections, options.rate, name_of(options.mix)));
    if (!file.flush()) throw std::runtime_error("cannot write " + options.plot);
}

int report(const Load& load, const Options& options, bool has_goal) {
    if (!load.failed_by().empty()) {
        std::cerr << "chatflow-load: " << load.failed_by() << "\n";
        return EXIT_FAILURE;
    }
    const bool is_met = load.whole().meets(Goal{});
    if (options.as_json) {
        std::cout << summary_json(load.whole(), load.length());
    } else {
        std::cout << summary_text(load.whole(), load.length()) << terminal_chart(load.seconds());
        if (has_goal) std::cout << "goal         " << goal_text(Goal{}, is_met) << "\n";
    }
    if (!options.plot.empty()) write_plot(load, options);
    return load.whole().succeeded > 0 && (is_met || !has_goal) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int run(const Options& options, bool has_goal) {
    boost::asio::io_context io(1);
    Load load(io.get_executor(), options);
    std::exception_ptr failure;
    boost::asio::co_spawn(io, load.run(),
                          [&](const std::exception_ptr& error) { failure = error; });
    io.run();
    if (failure) std::rethrow_exception(failure);
    return report(load, options, has_goal);
}

// What stands before the other options, so that these may say otherwise.
std::string scenario_named(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i].starts_with("--scenario=")) return words[i].substr(words[i].find('=') + 1);
        if (words[i] == "--scenario" && i + 1 < words.size()) return words[i + 1];
    }
    return {};
}

std::string scenarios_text() {
    std::string text =
        "Scenarios, each with p95 below 200 ms and less than 0.1 % errors as its goal:\n";
    for (const Scenario& each : scenarios()) {
        text += fmt::format("  {:<12} {} users of {} accounts, {} requests/s\n", each.name,
                            each.users, each.accounts, each.rate);
    }
    return text;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    std::string output = "text";
    std::string scenario = scenario_named(argc, argv);
    if (const Scenario* known = find_scenario(scenario)) apply(*known, options);
    CLI::App app("Puts load on a chat-server, at a steady rate whatever the answers take.",
                 "chatflow-load");
    app.set_version_flag("--version", std::string(version()));
    app.footer(scenarios_text());
    add(app, "--url", options.target, parse_url, "of the chat-server: http://chat-server:8080");
    app.get_option("--url")->required();
    std::vector<std::string> names;
    for (const Scenario& each : scenarios()) names.emplace_back(each.name);
    const auto* const named =
        app.add_option("--scenario", scenario,
                       "what people do, many at once; the exit code is 1 when its goal is missed")
            ->check(CLI::IsMember(names));
    app.add_option("--connections", options.connections, "kept open at once (32)")
        ->check(CLI::Range(1U, kConnectionsMax));
    add(app, "--rate", options.rate, parse_rate,
        "requests per second of all connections (100); 0: as many as are answered");
    add(app, "--duration", options.duration, parse_duration, "of the load (60s)");
    add(app, "--ramp", options.ramp, parse_duration, "time until the whole rate is reached (0s)");
    app.add_option("--rooms", options.rooms, "made first and used in turn (16)")
        ->check(CLI::Range(1U, kRoomsMax));
    app.add_option("--accounts", options.accounts, "that sign up first and share the rooms (1)")
        ->check(CLI::Range(1U, kAccountsMax));
    add(app, "--mix", options.mix, parse_mix,
        "read (rooms and messages), write (messages), mixed (default), or chat (also uploads and "
        "log-ins)");
    app.add_option("-o,--output", output, "of the summary: text (default) or json")
        ->check(CLI::IsMember({"text", "json"}));
    app.add_option("--plot", options.plot, "file for an SVG of answers and latencies over time");
    CLI11_PARSE(app, argc, argv);
    options.as_json = output == "json";

    try {
        return run(options, named->count() > 0);
    } catch (const std::exception& error) {
        std::cerr << "chatflow-load: " << error.what() << "\n";
        return EXIT_FAILURE;
    }
}
