// chatflow-load: puts load on a chat-server. Start reading at Load::run().
#include "hack/load/load.hpp"
#include "hack/load/options.hpp"
#include "libs/base/version.hpp"

#include <cstdlib>
#include <exception>
#include <expected>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

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

int report(const Load& load, bool as_json) {
    if (!load.failed_by().empty()) {
        std::cerr << "chatflow-load: " << load.failed_by() << "\n";
        return EXIT_FAILURE;
    }
    std::cout << (as_json ? summary_json(load.whole(), load.length())
                          : summary_text(load.whole(), load.length()));
    return load.whole().succeeded > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int run(const Options& options) {
    boost::asio::io_context io(1);
    Load load(io.get_executor(), options);
    std::exception_ptr failure;
    boost::asio::co_spawn(io, load.run(),
                          [&](const std::exception_ptr& error) { failure = error; });
    io.run();
    if (failure) std::rethrow_exception(failure);
    return report(load, options.as_json);
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    std::string output = "text";
    CLI::App app("Puts load on a chat-server, at a steady rate whatever the answers take.",
                 "chatflow-load");
    app.set_version_flag("--version", std::string(version()));
    add(app, "--url", options.target, parse_url, "of the chat-server: http://chat-server:8080");
    app.get_option("--url")->required();
    app.add_option("--connections", options.connections, "kept open at once (32)")
        ->check(CLI::Range(1U, kConnectionsMax));
    add(app, "--rate", options.rate, parse_rate,
        "requests per second of all connections (100); 0: as many as are answered");
    add(app, "--duration", options.duration, parse_duration, "of the load (60s)");
    add(app, "--ramp", options.ramp, parse_duration, "time until the whole rate is reached (0s)");
    app.add_option("--rooms", options.rooms, "made first and used in turn (16)")
        ->check(CLI::Range(1U, kRoomsMax));
    add(app, "--mix", options.mix, parse_mix,
        "read (rooms and messages), write (messages), or mixed (default)");
    app.add_option("-o,--output", output, "of the summary: text (default) or json")
        ->check(CLI::IsMember({"text", "json"}));
    CLI11_PARSE(app, argc, argv);
    options.as_json = output == "json";

    try {
        return run(options);
    } catch (const std::exception& error) {
        std::cerr << "chatflow-load: " << error.what() << "\n";
        return EXIT_FAILURE;
    }
}
