"""Job titles as people write them on a form, agreeing with whoever holds them.

Source: Faker's pt_BR pool (https://github.com/joke2k/faker, MIT, © Daniele Faraglia), which is the Brazilian
classification of occupations (CBO, http://www.mtecbo.gov.br): the titles that are common and need no explanation in
brackets, shortened to what people call themselves, with some that are younger than it.
`{o|a}` is where the masculine and the feminine form differ.
"""

TITLES = """
Açougueir{o|a}
Acompanhante de idosos
Administrador{|a}
Administrador{|a} de banco de dados
Administrador{|a} de redes
Advogad{o|a}
Agente comunitári{o|a} de saúde
Agente de viagens
Agricultor{|a}
Almoxarife
Analista contábil
Analista de comércio exterior
Analista de crédito
Analista de desenvolvimento de sistemas
Analista de logística
Analista de marketing
Analista de negócios
Analista de recursos humanos
Analista de riscos
Analista de suporte computacional
Analista de testes de tecnologia da informação
Analista financeir{o|a}
Arquitet{o|a} de interiores
Arquitet{o|a} urbanista
Arquivista
Artes{ão|ã}
Assistente administrativ{o|a}
Assistente de vendas
Assistente social
Atendente de farmácia
Atendente de lanchonete
Atendente de loja
Atleta profissional
{Ator|Atriz}
Auditor{|a}
Auxiliar contábil
Auxiliar de cozinha
Auxiliar de enfermagem
Auxiliar de escritório
Auxiliar de limpeza
Auxiliar de logística
Babá
Barbeir{o|a}
Barista
Bibliotecári{o|a}
Biólog{o|a}
Biomédic{o|a}
Bombeir{o|a} civil
Borracheir{o|a}
Cabeleireir{o|a}
Caixa de banco
Caminhoneir{o|a}
Carpinteir{o|a}
Carteir{o|a}
Chefe de cozinha
Ciclista profissional
Cientista de dados
Cirurgi{ão|ã}-dentista
Comerciante varejista
Comissári{o|a} de voo
Comprador{|a}
Confeiteir{o|a}
Consultor{|a} de vendas
Contador{|a}
Coordenador{|a} pedagógic{o|a}
Corretor{|a} de imóveis
Corretor{|a} de seguros
Costureir{o|a}
Cozinheir{o|a}
Cuidador{|a} de idosos
Decorador{|a} de interiores
Desenhista industrial gráfic{o|a}
Desenvolvedor{|a} web
Despachante aduaneir{o|a}
Designer de interiores
Diagramador{|a}
Diretor{|a} administrativ{o|a}
Diretor{|a} comercial
Diretor{|a} de escola
Diretor{|a} financeir{o|a}
Economista
Editor{|a} de texto
Educador{|a} social
Eletricista de instalações
Eletricista de manutenção
Empregad{o|a} doméstic{o|a}
Encanador{|a}
Enfermeir{o|a}
Enfermeir{o|a} do trabalho
Engenheir{o|a} agrônom{o|a}
Engenheir{o|a} ambiental
Engenheir{o|a} civil
Engenheir{o|a} de alimentos
Engenheir{o|a} de dados
Engenheir{o|a} de produção
Engenheir{o|a} de segurança do trabalho
Engenheir{o|a} de software
Engenheir{o|a} eletricista
Engenheir{o|a} mecânic{o|a}
Engenheir{o|a} químic{o|a}
Entregador{|a}
Escriturári{o|a}
Estatístic{o|a}
Esteticista
Estoquista
Farmacêutic{o|a}
Faxineir{o|a}
Ferramenteir{o|a}
Fisioterapeuta
Florista
Fonoaudiólog{o|a}
Fotógraf{o|a}
Frentista
Funileir{o|a}
{Garçom|Garçonete}
Geógraf{o|a}
Geólog{o|a}
Gerente administrativ{o|a}
Gerente comercial
Gerente de agência
Gerente de compras
Gerente de loja
Gerente de marketing
Gerente de projetos de tecnologia da informação
Gerente de recursos humanos
Gerente de restaurante
Gerente de vendas
Gerente financeir{o|a}
Guarda municipal
Guia de turismo
Historiador{|a}
Instrutor{|a} de autoescola
Intérprete
Jardineir{o|a}
Joalheir{o|a}
Jornalista
Lavador{|a} de veículos
Locutor{|a}
Manicure
Marceneir{o|a}
Massoterapeuta
Mecânic{o|a} de automóveis
Mecânic{o|a} de motocicletas
Médic{o|a} cardiologista
Médic{o|a} clínic{o|a}
Médic{o|a} ginecologista
Médic{o|a} ortopedista
Médic{o|a} pediatra
Médic{o|a} veterinári{o|a}
Merendeir{o|a}
Mestre de obras
Meteorologista
Montador{|a} de móveis
Motoboy
Motorista de aplicativo
Motorista de caminhão
Motorista de ônibus
Musicista
Nutricionista
Operador{|a} de caixa
Operador{|a} de empilhadeira
Operador{|a} de máquinas
Operador{|a} de telemarketing
Padeir{o|a}
Pedagog{o|a}
Pedreir{o|a}
Pescador{|a}
Pesquisador{|a}
Piloto de aeronaves
Pintor{|a} de obras
Pizzaiol{o|a}
Policial militar
Porteir{o|a}
Produtor{|a} cultural
Produtor{|a} rural
Professor{|a} de educação física
Professor{|a} de educação infantil
Professor{|a} de ensino superior
Professor{|a} de história
Professor{|a} de inglês
Professor{|a} de língua portuguesa
Professor{|a} de matemática
Programador{|a} de sistemas de informação
Promotor{|a} de vendas
Psicólog{o|a} clínic{o|a}
Publicitári{o|a}
Radialista
Recepcionista
Relações públicas
Repórter
Representante comercial
Sapateir{o|a}
Secretári{o|a} executiv{o|a}
Segurança
Serralheir{o|a}
Servente de obras
Servidor{|a} públic{o|a}
Sociólog{o|a}
Soldador{|a}
Supervisor{|a} administrativ{o|a}
Supervisor{|a} de vendas
Tatuador{|a}
Taxista
Técnic{o|a} agrícola
Técnic{o|a} de laboratório
Técnic{o|a} em contabilidade
Técnic{o|a} em edificações
Técnic{o|a} em eletrônica
Técnic{o|a} em enfermagem
Técnic{o|a} em informática
Técnic{o|a} em radiologia
Técnic{o|a} em segurança do trabalho
Terapeuta ocupacional
Topógraf{o|a}
Tradutor{|a}
Tratorista
Turismólog{o|a}
Vendedor{|a} ambulante
Vendedor{|a} de loja
Vigilante
Zelador{|a}
Zootecnista
""".strip().splitlines()
