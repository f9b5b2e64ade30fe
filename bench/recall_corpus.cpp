#include "bench/recall_corpus.hpp"

#include <map>

namespace troupe::bench {
namespace {

using words = std::vector<std::string>;

const std::map<std::string, words> slots = {
    {"name", {"Tom",   "Rosa",  "Nadia",  "Henrik", "Wei",   "Olga",   "Bruno", "Fatima", "Greg",    "Hannah",
              "Igor",  "Julie", "Kwame",  "Lena",   "Marco", "Nora",   "Oscar", "Petra",  "Quentin", "Ravi",
              "Sofia", "Theo",  "Ursula", "Viktor", "Wanda", "Xavier", "Yuki",  "Zoe",    "Dieter",  "Esther"}},
    {"person",
     {"colleague", "neighbour", "classmate", "old teacher", "flatmate from college", "team leader", "tennis partner",
      "accountant", "hairdresser", "travel agent", "insurance agent", "former boss", "pen friend", "driving instructor",
      "running mate", "lawyer"}},
    {"place", {"Madrid", "Oslo",   "Boston",   "Prague",  "Kyoto",    "Dublin", "Hamburg", "Toronto",
               "Naples", "Cairo",  "Helsinki", "Warsaw",  "Denver",   "Porto",  "Seville", "Geneva",
               "Bergen", "Athens", "Glasgow",  "Utrecht", "Budapest", "Lyon",   "Krakow",  "Perth"}},
    {"thing", {"a camera",         "a wooden table",
               "a tent",           "a rain jacket",
               "a vacuum cleaner", "a desk lamp",
               "a leather bag",    "an electric drill",
               "a bookshelf",      "a sewing machine",
               "a telescope",      "a coffee grinder",
               "a mattress",       "a rug",
               "a printer",        "a backpack",
               "a toaster",        "a mirror",
               "a ladder",         "an umbrella"}},
    {"colour", {"red", "green", "yellow", "grey", "purple", "orange", "black", "white", "brown", "turquoise"}},
    {"film",
     {"a western", "a romantic comedy", "a documentary about volcanoes", "a silent film", "a horror film", "a musical",
      "a film about chess", "a cartoon", "a spy thriller", "a science fiction series"}},
    {"food",
     {"lasagne", "pancakes", "goulash", "fish and chips", "tomato soup", "dumplings", "a lamb curry", "apple pie",
      "noodles", "a Greek salad", "tacos", "a cheese omelette", "roast chicken", "vegetable stew"}},
    {"subject",
     {"history", "geometry", "economics", "law", "philosophy", "astronomy", "geography", "latin", "statistics",
      "architecture", "literature", "engineering"}},
    {"sport",
     {"badminton", "hockey", "rowing", "basketball", "cycling", "golf", "rugby", "archery", "judo", "volleyball",
      "table tennis", "fencing"}},
    {"shop",
     {"market", "department store", "hardware shop", "second-hand shop", "bookshop", "supermarket", "bakery",
      "garden centre", "pharmacy", "outlet centre"}},
    {"event",
     {"birthday party", "street festival", "school reunion", "trade fair", "poetry reading", "charity dinner",
      "chess tournament", "art exhibition", "housewarming", "quiz night"}},
    {"number", {"two", "three", "four", "five", "six", "eight", "ten", "twelve", "fifteen", "twenty"}},
    {"adjective",
     {"boring", "wonderful", "too long", "rather expensive", "surprisingly good", "noisy", "relaxing", "disappointing",
      "crowded", "hilarious", "confusing", "charming"}},
    {"room", {"hallway", "living room", "basement", "attic", "bathroom", "guest room", "balcony", "garage"}},
    {"weather", {"rainy", "foggy", "windy", "snowy", "hot and humid", "frosty", "sunny", "cloudy"}},
    {"season",
     {"spring", "last winter", "two years ago", "last month", "yesterday", "in my twenties", "during the lockdown",
      "the year before last"}},
    {"plant",
     {"roses", "tomatoes", "tulips", "lavender", "an apple tree", "basil", "sunflowers", "strawberries", "a fern",
      "potatoes"}},
    {"project",
     {"the budget report", "the new website", "the customer survey", "the annual review", "the product launch",
      "the training plan", "the office move", "the sales forecast"}},
};

const words templates = {
    "My {person} {name} lives in {place}.",
    "My {person} {name} works at a {shop} in {place}.",
    "{name} lent me {thing} and wants it back.",
    "I bought {thing} at the {shop} in {place}.",
    "I bought {thing} for the {room}.",
    "We painted the {room} {colour}.",
    "I watched {film} with {name} and found it {adjective}.",
    "{name} and I went to a {event} in {place}.",
    "The {event} in {place} was {adjective}.",
    "My {person} made {food} for {number} guests.",
    "I ordered {food} at a restaurant in {place} and it was {adjective}.",
    "{name} showed me how to cook {food}.",
    "I found {subject} {adjective} when I was at school.",
    "My {person} {name} gives lessons in {subject}.",
    "I lent {name} a book about {subject}.",
    "I played {sport} with {name} and lost by {number} points.",
    "The {sport} club in {place} has {number} new members.",
    "My {person} watches {sport} on television all the time.",
    "It was {weather} when I visited {place}.",
    "I stayed {number} nights in a hotel in {place} and it was {adjective}.",
    "{name} sent me a postcard from {place}.",
    "I planted {plant} with {name}.",
    "The {plant} from the {shop} did not survive.",
    "My {person} {name} grows {plant}.",
    "I have to finish {project} with {name}.",
    "My {person} thinks {project} is {adjective}.",
    "The meeting about {project} took {number} hours.",
    "{name} presented {project} in {place}.",
    "I returned {thing} because it was {colour}.",
    "There is {thing} in our {room}.",
    "The {room} needs {thing}.",
    "I met {name} at a {event} {season}.",
    "{name} lost {thing} at the {event}.",
    "I like {colour} curtains for a {room}.",
    "My {person} painted {thing} {colour}.",
    "I went to {place} with {name} {season}.",
    "The museum in {place} was {adjective}.",
    "{name} told me that {film} on television is {adjective}.",
    "My {person} won {number} prizes at {sport}.",
    "The {shop} in {place} closes at {number}.",
    "I helped {name} carry {thing} into the {room}.",
    "My {person} {name} is good at {sport}.",
    "{name} took a course in {subject} in {place}.",
    "I think {weather} days are {adjective}.",
    "{name} invited {number} people to a {event}.",
    "I wore a {colour} jumper to the {event}.",
    "My {person} {name} has a {colour} bicycle.",
    "I tried {sport} once and it was {adjective}.",
    "{name} called me about {project} {season}.",
    "I had {food} with my {person} in {place}.",
};

const std::string& pick(const words& choices, std::mt19937_64& random) {
  return choices[random() % choices.size()];
}

}  // namespace

std::vector<std::string> made_up_facts(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::set<std::string> seen;
  std::vector<std::string> facts;
  while (facts.size() < count) {
    std::string fact = pick(templates, random);
    for (auto open = fact.find('{'); open != std::string::npos; open = fact.find('{')) {
      const auto close = fact.find('}', open);
      fact.replace(open, close - open + 1, pick(slots.at(fact.substr(open + 1, close - open - 1)), random));
    }
    if (seen.insert(fact).second) facts.push_back(std::move(fact));
  }
  return facts;
}

}  // namespace troupe::bench
