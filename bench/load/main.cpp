// Puts load on an HTTP server on this machine and prints what came of it as one JSON object.
//
//   souk_load --port PORT --scenario NAME [--products FILE] [--tokens FILE] …      --help says the rest

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>

#include "bench/load/load_run.hpp"

namespace {

using namespace souk::load;

std::vector<std::string> read_lines(const std::string& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

double microseconds(std::uint64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1e3;
}

void print_server(const LoadReport& report) {
  const double requests = report.answered > 0 ? static_cast<double>(report.answered) : 1;
  std::printf(R"(,"server_cpu_us_per_request":%.3f,"server_threads":[)", report.server.cpu_s * 1e6 / requests);
  const char* separator = "";
  for (const auto& thread : report.server.threads) {
    if (thread.user_s + thread.system_s == 0 && thread.switches_voluntary == 0) continue;
    std::printf(R"(%s{"id":%d,"name":"%s","user_us":%.3f,"system_us":%.3f,"waits":%.4f,"preemptions":%.4f})", separator,
                static_cast<int>(thread.id), thread.name.c_str(), thread.user_s * 1e6 / requests,
                thread.system_s * 1e6 / requests, static_cast<double>(thread.switches_voluntary) / requests,
                static_cast<double>(thread.switches_forced) / requests);
    separator = ",";
  }
  std::printf("]");
}

void print(const LoadReport& report, const std::string& scenario, const LoadOptions& options) {
  const auto& latencies = report.latencies;
  std::printf(R"({"scenario":"%s","connections":%zu,"rate_per_s":%.1f,"seconds":%.3f,"answered":%llu)",
              scenario.c_str(), options.connections, options.rate_per_s, report.seconds,
              static_cast<unsigned long long>(report.answered));
  std::printf(R"(,"requests_per_s":%.1f)",
              report.seconds > 0 ? static_cast<double>(report.answered) / report.seconds : 0.0);
  std::printf(R"(,"latency_us":{"mean":%.1f,"p50":%.1f,"p90":%.1f,"p99":%.1f,"p99_9":%.1f,"max":%.1f})",
              latencies.mean() / 1e3, microseconds(latencies.quantile(0.5)), microseconds(latencies.quantile(0.9)),
              microseconds(latencies.quantile(0.99)), microseconds(latencies.quantile(0.999)),
              microseconds(latencies.max()));
  std::printf(R"(,"statuses":{)");
  const char* separator = "";
  for (const auto& [status, count] : report.statuses) {
    std::printf(R"(%s"%d":%llu)", separator, status, static_cast<unsigned long long>(count));
    separator = ",";
  }
  std::printf(R"(},"errors":%llu,"connections_lost":%llu,"unanswered":%llu)",
              static_cast<unsigned long long>(report.unexpected + report.connections_lost + report.unanswered),
              static_cast<unsigned long long>(report.connections_lost),
              static_cast<unsigned long long>(report.unanswered));
  std::printf(R"(,"generator_cpu_us_per_request":%.3f)",
              report.own_cpu_s * 1e6 / (report.answered > 0 ? static_cast<double>(report.answered) : 1));
  if (options.server != 0) print_server(report);
  std::printf("}\n");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Puts load on an HTTP server on 127.0.0.1 and prints what came of it as JSON", "souk_load"};
  LoadOptions options;
  ScenarioInput input;
  std::string tokens_file;
  std::string products_file;
  app.add_option("--port", options.port, "of the server")->required();
  app.add_option("--scenario", input.name, "one of " + std::string(Scenario::names()))->required();
  app.add_option("--connections", options.connections, "kept open (default 128)");
  app.add_option("--rate", options.rate_per_s, "requests a second, an open loop; without it a closed one");
  app.add_option("--warm-up", options.warm_up_s, "seconds that are not measured (default 1)");
  app.add_option("--seconds", options.measure_s, "that are measured (default 5)");
  app.add_option("--pid", options.server, "the server's process, to report what it used");
  app.add_option("--tokens", tokens_file, "access tokens, one a line");
  app.add_option("--products", products_file, "ids of products, one a line");
  app.add_option("--cart-lines", input.cart_lines, "products for each account's cart (default 20)");
  app.add_option("--key-prefix", input.key_prefix, "of the idempotency keys; a new one for each run");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 64;
  }
  const std::string name = input.name;
  input.tokens = read_lines(tokens_file);
  input.products = read_lines(products_file);
  const auto scenario = Scenario::make(std::move(input));
  if (!scenario) {
    std::fprintf(stderr, "souk_load: no scenario '%s', or its tokens or products are missing\n", name.c_str());
    return 64;
  }
  const LoadReport report = run_load(*scenario, options);
  if (!report.failure.empty()) {
    std::fprintf(stderr, "souk_load: %s\n", report.failure.c_str());
    return 1;
  }
  print(report, name, options);
  return 0;
}
