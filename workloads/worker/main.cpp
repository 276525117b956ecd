// chatflow-worker: does the jobs of queues that BullMQ's clients fill. Start reading at work().
#include "libs/base/version.hpp"
#include "libs/jobs/producer.hpp"
#include "libs/jobs/queue_admin.hpp"
#include "workloads/worker/config.hpp"
#include "workloads/worker/processors/processor.hpp"
#include "workloads/worker/worker.hpp"

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>

namespace {

using namespace chatflow;
using namespace std::chrono_literals;

std::optional<std::string> environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

// Ends the program, naming every error, when the settings cannot be used.
worker::Config read_settings(const std::string& config_file) {
    std::string yaml;
    if (!config_file.empty()) {
        std::ifstream file(config_file);
        if (!file) {
            std::cerr << "chatflow-worker: cannot read " << config_file << "\n";
            std::exit(EXIT_FAILURE);
        }
        yaml.assign(std::istreambuf_iterator<char>(file), {});
    }
    auto config = worker::read_config(environment, yaml);
    if (config) return *config;
    for (const FieldError& error : config.error()) {
        std::cerr << "chatflow-worker: " << error.path << ": " << error.message << "\n";
    }
    std::exit(EXIT_FAILURE);
}

int work(const worker::Config& config) {
    worker::Worker program(config, Log("worker", config.log_level));
    program.run();
    return EXIT_SUCCESS;
}

// One thing to do with Redis, and the end. What it returns is printed.
using Errand = std::function<awaitable<std::string>(redis::Client&)>;

int run_errand(const worker::Config& config, const Errand& errand) {
    asio::io_context context(1);
    const Log log("worker", LogLevel::Error);
    redis::Client client(context.get_executor(), config.redis, log);
    TaskGroup tasks(context.get_executor(), [](const std::exception_ptr&) {});
    std::string answer;
    std::string failure = "nothing was done";
    auto task = [&]() -> awaitable<void> {
        tasks.spawn(client.run());
        try {
            co_await client.wait_until_connected(Deadline::after(5s));
            answer = co_await errand(client);
            failure.clear();
        } catch (const std::exception& error) {
            failure = error.what();
        }
        tasks.cancel();
        co_await tasks.wait();
    };
    asio::co_spawn(context, task, [](const std::exception_ptr&) {});
    context.run();
    if (!failure.empty()) {
        std::cerr << "chatflow-worker: " << failure << "\n";
        return EXIT_FAILURE;
    }
    std::cout << answer << "\n";
    return EXIT_SUCCESS;
}

awaitable<std::string> redrive(redis::Client& client, jobs::QueueKeys keys, std::int64_t count) {
    jobs::QueueAdmin admin(client, keys);
    const auto redriven = co_await admin.redrive(count, Deadline::after(60s));
    co_return std::to_string(redriven) + " failed jobs of " + keys.queue + " wait again";
}

awaitable<std::string> add(redis::Client& client, jobs::QueueKeys keys, jobs::NewJob job) {
    jobs::Producer producer(client, std::move(keys));
    co_return co_await producer.add(std::move(job), Deadline::after(5s));
}

struct CommandLine {
    std::string config_file;
    std::string queue;
    std::int64_t count = 1'000'000;
    jobs::NewJob job;
    std::int64_t delay_ms = 0;
    unsigned size = 0;
};

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Does the jobs of queues that BullMQ's clients fill.", "chatflow-worker");
    app.set_version_flag("--version", std::string(version()));
    app.footer(worker::describe_settings());
    CommandLine line;
    app.add_option("--config", line.config_file, "YAML file with settings")
        ->envname("CHATFLOW_CONFIG");
    app.add_subcommand("work", "Do jobs (the default)");
    auto* const redriving = app.add_subcommand("redrive", "Let failed jobs begin anew, and end");
    redriving->add_option("queue", line.queue, "whose failed jobs")->required();
    redriving->add_option("--count", line.count, "at most so many, the oldest first");
    auto* const adding = app.add_subcommand("add", "Add a job, print its id, and end");
    adding->add_option("queue", line.queue)->required();
    adding->add_option("name", line.job.name)->required();
    adding->add_option("data", line.job.data, "JSON");
    adding->add_option("--priority", line.job.options.priority, "1 is first")
        ->check(CLI::Range(0U, jobs::JobOptions::kPriorityMax));
    adding->add_option("--delay", line.delay_ms, "milliseconds")->check(CLI::NonNegativeNumber);
    adding->add_option("--attempts", line.job.options.attempts)->check(CLI::Range(1, 1'000'000));
    auto* const child = app.add_subcommand("make-thumbnail", "What the child process does");
    child->group("");
    child->add_option("size", line.size)->required();
    app.require_subcommand(0, 1);
    CLI11_PARSE(app, argc, argv);

    try {
        if (child->parsed()) return worker::make_thumbnail_in_child(line.size);
        const auto config = read_settings(line.config_file);
        const jobs::QueueKeys keys{.prefix = config.prefix, .queue = line.queue};
        line.job.options.delay = std::chrono::milliseconds(line.delay_ms);
        if (redriving->parsed()) {
            return run_errand(config,
                              [&](auto& redis) { return redrive(redis, keys, line.count); });
        }
        if (adding->parsed()) {
            return run_errand(config, [&](auto& redis) { return add(redis, keys, line.job); });
        }
        return work(config);
    } catch (const std::exception& error) {
        std::cerr << "chatflow-worker: " << error.what() << "\n";
        return EXIT_FAILURE;
    }
}
